"""The window of an image that a fit looks at."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Bool, Shaped
from torch import Tensor

from dig_framework.camera import Camera


class Region(NamedTuple):
    """A window in whole pixels."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def around(cls, mask: Bool[Tensor, "height width"], margin: float) -> Region:
        """Return the window around a mask, grown on each side by a share of its size and eight pixels.

        An empty mask gives the whole image.
        """
        height, width = mask.shape
        if not mask.any():
            return cls(0, 0, width, height)
        rows, columns = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
        top, bottom = _grown(int(rows[0]), int(rows[-1]) + 1, margin, height)
        left, right = _grown(int(columns[0]), int(columns[-1]) + 1, margin, width)
        return cls(left, top, right - left, bottom - top)

    def cut(self, images: Shaped[Tensor, "*channels _ _"]) -> Shaped[Tensor, "*channels _ _"]:
        """Return the window of images whose last two axes are rows and columns."""
        return images[..., self.top : self.top + self.height, self.left : self.left + self.width]

    def camera(self, camera: Camera) -> Camera:
        """Return the camera of the window."""
        return camera.cropped(self.left, self.top, self.width, self.height)


def _grown(start: int, end: int, margin: float, size: int) -> tuple[int, int]:
    extra = round(margin * (end - start)) + 8
    return max(0, start - extra), min(size, end + extra)
