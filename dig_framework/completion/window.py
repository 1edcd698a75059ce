"""The part of the image around one object, as arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dig_framework.errors import InputError
from dig_framework.evidence import Evidence

Array = NDArray[np.floating]
Pixels = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Window:
    """A crop of depth, mask and occluders around a mask. Beyond the image's border, everything is possible."""

    depth: Array
    """Measured depth [m], 0 where there is none."""
    mask: Pixels
    """Pixels that show the object."""
    occluder: Pixels
    """Pixels that show something nearer; those beyond the border of the image count among them."""
    focal: tuple[float, float]
    """Focal lengths [px]."""
    centre: tuple[float, float]
    """Principal point (u, v) in the window [px]."""

    def rays(self) -> Array:
        """Return the point at depth 1 m of every pixel, shape (height, width, 3)."""
        v, u = np.mgrid[: self.depth.shape[0], : self.depth.shape[1]]
        x, y = (u - self.centre[0]) / self.focal[0], (v - self.centre[1]) / self.focal[1]
        return np.stack([x, y, np.ones_like(x)], -1)


def window(evidence: Evidence) -> Window:
    """Cut the surroundings of the mask out of the evidence, with a margin of half its size.

    Raises:
        InputError: If the mask is empty.
    """
    mask = evidence.mask.cpu().numpy()
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    if not len(rows):
        raise InputError("the object's mask has no pixel; give a mask that covers the object")
    margin = max(20, int(0.5 * max(np.ptp(rows), np.ptp(columns))))
    top, left = int(rows[0]) - margin, int(columns[0]) - margin
    size = (int(rows[-1]) + margin + 1 - top, int(columns[-1]) + margin + 1 - left)
    k = evidence.observation.camera.intrinsics.detach().cpu().double().numpy()
    return Window(
        depth=_cut(evidence.observation.depth.detach().cpu().double().numpy(), top, left, size, 0.0),
        mask=_cut(mask, top, left, size, False),
        occluder=_cut(evidence.occluder.cpu().numpy() & ~mask, top, left, size, True),
        focal=(float(k[0, 0]), float(k[1, 1])),
        centre=(float(k[0, 2]) - left, float(k[1, 2]) - top),
    )


def _cut(image: NDArray, top: int, left: int, size: tuple[int, int], outside: float | bool) -> NDArray:
    """Return a window of an image, filled where it reaches beyond the border."""
    result = np.full(size, outside, image.dtype)
    v0, u0 = max(top, 0), max(left, 0)
    part = image[v0 : top + size[0], u0 : left + size[1]]
    result[v0 - top : v0 - top + part.shape[0], u0 - left : u0 - left + part.shape[1]] = part
    return result
