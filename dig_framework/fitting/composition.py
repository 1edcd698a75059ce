"""From a flat mapping of parameters to a scene."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh
from dig_framework.scene import Scene, SceneObject

_FITTED = re.compile(r"objects\.\d+\.(pose|scale|material)|lights\.\d+\.|plane\.material\.")


@dataclasses.dataclass(frozen=True, eq=False)
class Composition:
    """How parameters change a start scene: tensors by name, and deformations of its meshes."""

    start: Scene
    deformation: Deformation | None = None
    bindings: tuple[Binding, ...] = ()
    """One for each object, if there is a deformation."""
    slide: bool = False
    """Whether objects move only along the rays from the camera through where they started."""

    def parameters(self) -> dict[str, Tensor]:
        """Return everything that may be fitted, at its start: poses, scales, materials, lights and deformations."""
        values = {name: value for name, value in self.start.tensors().items() if _FITTED.match(name)}
        for number, binding in enumerate(self.bindings):
            for name, value in binding.parameters.items():
                values[f"objects.{number}.deformation.{name}"] = value
        return values

    def scene(self, parameters: Mapping[str, Tensor]) -> Scene:
        """Return the scene that the parameters describe; differentiable in them."""
        known = self.start.tensors()
        scene = self.start.with_tensors({name: value for name, value in parameters.items() if name in known})
        objects = tuple(self._object(number, item, parameters) for number, item in enumerate(scene.objects))
        return scene.replace(objects=objects)

    def _object(self, number: int, item: SceneObject, parameters: Mapping[str, Tensor]) -> SceneObject:
        if self.bindings:
            item = item.replace(mesh=self._mesh(number, parameters))
        if self.slide:
            start = self.start.objects[number]
            translation = slid(item.pose.translation, start.pose.translation)
            item = item.replace(pose=item.pose.replace(translation=translation))
        return item

    def _mesh(self, number: int, parameters: Mapping[str, Tensor]) -> Mesh:
        binding = self.bindings[number]
        if self.deformation is None:
            return binding.rest
        values = {name: parameters[f"objects.{number}.deformation.{name}"] for name in binding.parameters}
        return self.deformation.deform(binding, values)


def slid(translation: Float[Tensor, "3"], start: Float[Tensor, "3"]) -> Float[Tensor, "3"]:
    """Return the point of the ray from the camera through `start` that is nearest to a translation [m]."""
    ray = torch.nn.functional.normalize(start, dim=0)
    return start + ray * ((translation - start) * ray).sum()
