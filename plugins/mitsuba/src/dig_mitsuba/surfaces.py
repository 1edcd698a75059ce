"""A scene's surfaces in the camera's frame, as tensors that rays meet and gradients reach."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.scene import Scene, SceneObject
from dig_framework.shading.light_table import LightTable, light_table
from dig_framework.shading.surface_points import material_row


@dataclasses.dataclass(frozen=True)
class Surfaces:
    """All objects as one mesh, the support plane and the lights, in float64; differentiable in the scene's tensors."""

    vertices: Float[Tensor, "vertices 3"]
    """Positions [m]."""
    normals: Float[Tensor, "vertices 3"]
    """Outward unit normals."""
    colors: Float[Tensor, "vertices 3"]
    """Reflectance that multiplies the materials' colours."""
    materials: Float[Tensor, "surfaces 7"]
    """As of `material_row`, of every object and, last, of the plane."""
    plane: Float[Tensor, "4"]
    """Unit normal, and height of the camera above the plane [m]; zeros without a plane."""
    lights: LightTable
    """Everything that shines."""
    faces: Int[Tensor, "faces 3"]
    """Vertex indices."""
    face_object: Int[Tensor, "faces"]
    """Position in `scene.objects` of what a face belongs to."""
    uv: Float[Tensor, "vertices 2"]
    """Where vertices are in their object's texture; zeros without one."""
    textures: tuple[Tensor | None, ...]
    """Linear RGB reflectance that multiplies the colours, of each object [rows, columns, 3], or None."""
    camera: Camera
    """Who sees them, in float64."""
    plane_shown: bool
    """Whether the plane has a material."""

    @property
    def objects(self) -> int:
        """How many objects there are, seen or not."""
        return len(self.materials) - 1

    @property
    def has_plane(self) -> bool:
        """Whether rays can meet a plane."""
        return bool(self.plane.any())

    def tensors(self) -> tuple[Tensor, ...]:
        """Return what gradients reach, in the order in which `with_tensors` takes it."""
        return (
            self.vertices, self.normals, self.colors, self.materials, self.plane, self.lights.sources,
            self.lights.ambient, self.uv, *(texture for texture in self.textures if texture is not None),
        )  # fmt: skip

    def with_tensors(self, tensors: tuple[Tensor, ...]) -> Surfaces:
        """Return the same surfaces with other values."""
        vertices, normals, colors, materials, plane, sources, ambient, uv, *images = tensors
        rest = iter(images)
        return dataclasses.replace(
            self, vertices=vertices, normals=normals, colors=colors, materials=materials, plane=plane,
            lights=LightTable(sources, ambient), uv=uv,
            textures=tuple(None if texture is None else next(rest) for texture in self.textures),
        )  # fmt: skip

    def detached(self) -> Surfaces:
        """Return the same surfaces without a way back for gradients."""
        return self.with_tensors(tuple(part.detach() for part in self.tensors()))

    def owners(self, face: Int[Tensor, "*batch"]) -> Int[Tensor, "*batch"]:
        """Return what faces belong to; what is negative stays as it is."""
        owner = face.clone()
        owner[face >= 0] = self.face_object[face[face >= 0]]
        return owner


def surfaces_of(scene: Scene, camera: Camera) -> Surfaces:
    """Return the surfaces of a scene that a camera sees.

    Raises:
        InputError: If a vertex is not finite.
    """
    pose = camera.camera_from_scene.double()
    posed = [_finite(item) for item in scene.objects]
    vertices = [mesh.vertices.double() for mesh in posed]
    normals = [mesh.vertex_normals().double() for mesh in posed]
    colors = [torch.ones_like(mesh.vertices) if mesh.colors is None else mesh.colors for mesh in posed]
    firsts = torch.tensor([0, *(len(part) for part in vertices)]).cumsum(0)
    faces = [mesh.faces.long() + first for mesh, first in zip(posed, firsts[:-1], strict=True)]
    counts = torch.tensor([len(part) for part in faces], dtype=torch.int64)
    own = scene.plane.material if scene.plane is not None else None
    return Surfaces(
        vertices=_joined(vertices) @ pose[:3, :3].mT + pose[:3, 3],
        normals=_joined(normals) @ pose[:3, :3].mT,
        colors=_joined([part.double() for part in colors]),
        materials=torch.stack([*(_row(item.material) for item in scene.objects), _row(own)]),
        plane=_plane(scene, pose),
        lights=light_table(scene.lights, pose),
        faces=torch.cat(faces) if faces else torch.zeros(0, 3, dtype=torch.int64),
        face_object=torch.arange(len(counts)).repeat_interleave(counts),
        uv=_joined([_uv(mesh) for mesh in posed], 2),
        textures=tuple(None if mesh.texture is None else mesh.texture.double() for mesh in posed),
        camera=camera.replace(intrinsics=camera.intrinsics.detach().double()),
        plane_shown=own is not None,
    )


def _finite(item: SceneObject) -> Mesh:
    mesh = item.posed()
    wrong = int((~mesh.vertices.isfinite()).any(1).sum())
    if wrong:
        raise InputError(
            f"{wrong} of the {len(mesh.vertices)} vertices of object {item.index} ({item.label!r}) are not "
            "finite once posed; check its mesh, scale and pose."
        )
    return mesh


def _uv(mesh: Mesh) -> Tensor:
    return mesh.vertices.new_zeros(len(mesh.vertices), 2).double() if mesh.uv is None else mesh.uv.double()


def _joined(parts: list[Tensor], columns: int = 3) -> Tensor:
    return torch.cat(parts) if parts else torch.zeros(0, columns, dtype=torch.float64)


def _row(material: Material | None) -> Tensor:
    return torch.zeros(7, dtype=torch.float64) if material is None else material_row(material).double()


def _plane(scene: Scene, pose: Tensor) -> Tensor:
    if scene.plane is None:
        return pose.new_zeros(4)
    normal = pose[:3, :3] @ scene.plane.normal.to(pose)
    length = normal.norm()
    height = scene.plane.offset.to(pose) - normal @ pose[:3, 3]
    return torch.cat([normal, height[None]]) / length
