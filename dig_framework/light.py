"""Point lights."""

from __future__ import annotations

import dataclasses

from jaxtyping import Float
from torch import Tensor

from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Light(TensorRecord):
    """A point light without fall-off, as the published method has it."""

    position: Float[Tensor, "3"]
    """Position in the scene's frame [m]."""
    intensity: Float[Tensor, "3"]
    """Linear RGB radiance scale, no unit; one light of intensity one shows a white facing surface at 1."""
