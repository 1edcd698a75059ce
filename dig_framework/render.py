"""What a renderer returns."""

from __future__ import annotations

import dataclasses

from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Render(TensorRecord):
    """Images of a scene. Colour, depth and masks are averages over each pixel's area of what is seen first there.

    At a silhouette, therefore, depth mixes both surfaces; where nothing is hit it counts as zero.
    """

    color: Float[Tensor, "height width 3"]
    """Linear RGB radiance, not clipped; white where nothing is hit unless the renderer's settings say otherwise."""
    depth: Float[Tensor, "height width"]
    """Distance along the optical axis [m]; zero where nothing is hit."""
    masks: Float[Tensor, "objects height width"]
    """Share of each pixel in which object k, by its position in `scene.objects`, is what is seen."""
    ids: Int[Tensor, "height width"]
    """What the ray through the pixel centre hits: position in `scene.objects`, -1 for the plane, -2 for nothing."""
    normals: Float[Tensor, "height width 3"] | None = None
    """Unit normals in the scene's frame at pixel centres; zero where nothing is hit."""
