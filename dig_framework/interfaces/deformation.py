"""How a mesh may change its form."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from dig_framework.component import Component
from dig_framework.mesh import Mesh
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Binding(TensorRecord):
    """A rest mesh prepared for deformation."""

    rest: Mesh
    """The mesh before deformation."""
    parameters: dict[str, Tensor]
    """Parameters that leave the rest mesh as it is; their shapes are those that `deform` takes."""
    constants: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    """What was worked out once, such as coordinates of vertices in a cage."""


class Deformation(Component):
    """A map from a few parameters to displaced vertices; the faces stay."""

    slot: ClassVar[str] = "deformation"
    handles: ClassVar[str | None] = None
    """The parameter whose rows displace points around or on the mesh, if there is one. Equal rows shift the mesh by
    just as much, rows affine in the points' places move it by the same affine map; `constants` holds the places [m]
    under the same name. Rows are in metres, or, along each axis, in units of `constants['size']` [m] if that is there.
    Deformations that carry only some affine maps over, such as rotations, have none, whatever their parameters are.
    """

    @abstractmethod
    def bind(self, mesh: Mesh) -> Binding:
        """Prepare a mesh; the expensive part, done once."""

    @abstractmethod
    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        """Return the deformed mesh; differentiable in the parameters."""
