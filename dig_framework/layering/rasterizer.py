"""What a rasteriser has to tell about one object."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor


class Hits(NamedTuple):
    """Which face of an object the ray through each pixel centre meets first."""

    face: Int[Tensor, "height width"]
    """Index, or -1 for none."""
    weights: Float[Tensor, "height width 3"]
    """Perspective-correct weights of its corners; anything where there is no face."""


@runtime_checkable
class Rasterizer(Protocol):
    """Finds what is seen of triangles; one call an object, for the window of the image that it fills."""

    def __call__(self, corners: Float[Tensor, "faces 3 3"], width: int, height: int) -> Hits:
        """Return what the centres of a window's pixels see, in the dtype of the corners.

        Args:
            corners: u and v in the window, pixel centres at the integers [px], and depth along the axis [m]; at least
                one face, all in front of the camera. Faces seen from behind are already gone.
            width: Of the window [px].
            height: Of the window [px].
        """
        ...
