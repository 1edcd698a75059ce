"""A scene's surfaces in the camera's frame, as Embree takes them."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh
from dig_framework.scene import Scene, SceneObject
from dig_framework.shading.surface_points import material_row


@dataclasses.dataclass(frozen=True)
class Surfaces:
    """All objects as one mesh, and the support plane, in float64."""

    vertices: Float[np.ndarray, "vertices 3"]
    """Positions [m]."""
    normals: Float[np.ndarray, "vertices 3"]
    """Outward unit normals."""
    colors: Float[np.ndarray, "vertices 3"]
    """Reflectance that multiplies the materials' colours."""
    uv: Float[np.ndarray, "vertices 2"]
    """Where vertices are in their object's texture; zeros without one."""
    faces: Int[np.ndarray, "faces 3"]
    owner: Int[np.ndarray, "faces"]
    """Position in `scene.objects` of what a face belongs to."""
    materials: Float[Tensor, "surfaces 7"]
    """As of `material_row`, of every object and, last, of the plane."""
    textures: tuple[np.ndarray | None, ...]
    """Of each object, linear RGB [rows, columns, 3], or None."""
    colored: bool
    """Whether any vertex has a colour of its own."""
    plane: Float[np.ndarray, "4"]
    """Unit normal, and height of the camera above the plane [m]; zeros without a plane."""
    plane_shown: bool
    """Whether the plane has a material."""

    @property
    def has_plane(self) -> bool:
        """Whether rays can meet a plane."""
        return bool(self.plane.any())


def surfaces_of(scene: Scene, camera: Camera) -> Surfaces:
    """Return the surfaces of a scene in the frame of a camera.

    Raises:
        InputError: If a vertex is not finite.
    """
    pose = camera.camera_from_scene.detach().double().numpy()
    meshes = [_finite(item) for item in scene.objects]
    counts = [len(mesh.vertices) for mesh in meshes]
    firsts = np.cumsum([0, *counts])
    faces = [mesh.faces.numpy() + first for mesh, first in zip(meshes, firsts[:-1], strict=True)]
    own = scene.plane.material if scene.plane is not None else None
    rows = [material_row(item.material).detach().double() for item in scene.objects]
    last = torch.zeros(7, dtype=torch.float64) if own is None else material_row(own).detach().double()
    return Surfaces(
        vertices=_joined([mesh.vertices for mesh in meshes]) @ pose[:3, :3].T + pose[:3, 3],
        normals=_joined([mesh.vertex_normals() for mesh in meshes]) @ pose[:3, :3].T,
        colors=_joined([torch.ones_like(m.vertices) if m.colors is None else m.colors for m in meshes]),
        uv=_joined([m.vertices.new_zeros(len(m.vertices), 2) if m.uv is None else m.uv for m in meshes], 2),
        faces=np.concatenate(faces) if faces else np.zeros((0, 3), np.int64),
        owner=np.repeat(np.arange(len(meshes)), [len(part) for part in faces]),
        materials=torch.stack([*rows, last]),
        textures=tuple(None if mesh.texture is None else mesh.texture.float().numpy() for mesh in meshes),
        colored=any(mesh.colors is not None for mesh in meshes),
        plane=_plane(scene, pose),
        plane_shown=own is not None,
    )


def _finite(item: SceneObject) -> Mesh:
    mesh = item.posed().detach().to("cpu")
    wrong = int((~mesh.vertices.isfinite()).any(1).sum())
    if wrong:
        raise InputError(
            f"{wrong} of the {len(mesh.vertices)} vertices of object {item.index} ({item.label!r}) are not finite once "
            "posed; check its mesh, scale and pose."
        )
    return mesh


def _joined(parts: list[Tensor], columns: int = 3) -> Float[np.ndarray, "rows columns"]:
    return torch.cat([part.double() for part in parts]).numpy() if parts else np.zeros((0, columns))


def _plane(scene: Scene, pose: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, "4"]:
    if scene.plane is None:
        return np.zeros(4)
    given = scene.plane.normal.detach().double().numpy()
    normal = pose[:3, :3] @ given
    height = float(scene.plane.offset) - normal @ pose[:3, 3]
    return np.append(normal, height) / np.linalg.norm(normal)
