"""A mesh as uncertainty is computed on it."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray

from dig_framework.completion.sight import Sight
from dig_framework.mesh import Mesh

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Surface:
    """The best mesh in the upright frame."""

    vertices: Array
    """[m], shape (n, 3)."""
    normals: Array
    """Outward, unit, shape (n, 3)."""
    areas: Array
    """A third of the triangles' around each vertex [m^2]."""
    centre: Array
    """Mean place by area [m]."""
    radius: float
    """Root mean square distance from there [m]."""
    upright_from_object: Array
    """Rotation, shape (3, 3)."""

    @classmethod
    def of(cls, mesh: Mesh, seen: Sight, scene_from_object: Array) -> Surface:
        """Return a mesh that is at a rigid transform (4, 4) in the scene, in the frame of a view of it."""
        local = mesh.detach().to("cpu", torch.float64)
        rotation = seen.frame.rotation.T @ scene_from_object[:3, :3]
        vertices = seen.frame.from_scene(
            local.vertices.numpy() @ scene_from_object[:3, :3].T + scene_from_object[:3, 3]
        )
        areas = np.zeros(len(vertices))
        sizes = local.face_normals().norm(dim=1).numpy() / 6
        np.add.at(areas, local.faces.numpy().ravel(), np.repeat(sizes, 3))
        total = max(float(areas.sum()), 1e-18)
        centre = (areas[:, None] * vertices).sum(0) / total
        radius = float(np.sqrt((areas * ((vertices - centre) ** 2).sum(1)).sum() / total))
        normals = local.vertex_normals().numpy() @ rotation.T
        return cls(vertices, normals, areas, centre, max(radius, 1e-4), rotation)
