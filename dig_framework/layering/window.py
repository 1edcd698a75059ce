"""The part of an image that an object fills."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Window:
    """A rectangle of pixels."""

    left: int
    """First column of the image."""
    top: int
    """First row."""
    width: int
    """[px]."""
    height: int
    """[px]."""

    @property
    def corner(self) -> tuple[int, int]:
        """First column and row."""
        return self.left, self.top

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [px]."""
        return self.width, self.height

    def in_image(self, pixel: Int[Tensor, "*batch"], image_width: int) -> Int[Tensor, "*batch"]:
        """Return row-major indices in the image for those in the window."""
        return (pixel // self.width + self.top) * image_width + pixel % self.width + self.left

    @classmethod
    def around(cls, points: Float[Tensor, "*batch 2"], margin: float, size: tuple[int, int]) -> Window | None:
        """Return the smallest window with all pixel centres within a margin of some points, None if it is empty.

        Args:
            points: (u, v) [px]; at least one.
            margin: Around their bounding box [px].
            size: Width and height of the image [px].
        """
        flat = points.detach().reshape(-1, 2)
        limit = flat.new_tensor(size)
        low = (flat.amin(0) - margin).clamp_min(0).minimum(limit).ceil()
        high = (flat.amax(0) + margin).clamp_min(-1).minimum(limit - 1).floor()
        left, top, width, height = (int(value) for value in torch.cat([low, high - low + 1]))
        return cls(left, top, width, height) if width > 0 and height > 0 else None
