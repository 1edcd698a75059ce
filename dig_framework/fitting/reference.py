"""What a fit remembers of the scene it starts from."""

from __future__ import annotations

from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.mesh import Mesh
from dig_framework.scene import Scene


class Reference:
    """The start scene and what terms need to know of it, worked out when it is first asked for."""

    def __init__(self, scene: Scene, contact_reach: float) -> None:
        """Take a scene, and the height [m] up to which an object rests on its plane."""
        self.scene = scene.detach()
        self.meshes = [item.posed() for item in self.scene.objects]
        self._reach = contact_reach

    @cached_property
    def resting(self) -> list[bool]:
        """Whether each object rests on the plane."""
        plane = self.scene.plane
        if plane is None:
            return [False] * len(self.meshes)
        return [abs(float(plane.height(mesh.vertices).min())) < self._reach for mesh in self.meshes]

    @cached_property
    def hidden(self) -> list[Float[Tensor, "vertices"]]:
        """One for every vertex that faces away from the camera, a twentieth for the others."""
        return [1 - 0.95 * _facing(mesh) for mesh in self.meshes]

    @cached_property
    def edges(self) -> list[Int[Tensor, "edges 2"]]:
        """Each mesh's edges."""
        return [mesh.edges() for mesh in self.meshes]

    @cached_property
    def radii(self) -> list[float]:
        """Each mesh's radius about the middle of its box [m]."""
        return [_radius(item.mesh) for item in self.scene.objects]


def _facing(mesh: Mesh) -> Float[Tensor, "vertices"]:
    return ((mesh.vertex_normals() * mesh.vertices).sum(-1) < 0).to(mesh.vertices)


def _radius(mesh: Mesh) -> float:
    middle = (mesh.vertices.amin(0) + mesh.vertices.amax(0)) / 2
    return max(1e-9, float(torch.linalg.vector_norm(mesh.vertices - middle, dim=1).max()))
