"""A scene as the flat tensors that rasterisers draw, in the camera's frame."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.light import AmbientLight
from dig_framework.mesh import Mesh
from dig_framework.pose import rotation_from_vector
from dig_framework.rendering.scene_tensor_checks import check_drawable, check_numbers
from dig_framework.scene import Scene
from dig_framework.shading.light_table import LightTable, light_table
from dig_framework.shading.surface_points import material_row

_NEAREST_PLANE = 1e-6
"""Distance of the camera from a plane that is seen [m]."""


@dataclasses.dataclass(frozen=True)
class SceneTensors:
    """Everything that is drawn, differentiable in the scene's tensors."""

    vertices: Float[Tensor, "vertices 3"]
    """v = K x_camera = (u z, v z, z) of all objects' vertices."""
    normals: Float[Tensor, "normals 3"]
    """Unit normals of vertices, or of faces, in the camera's frame."""
    colors: Float[Tensor, "vertices 3"]
    """Reflectance that multiplies the materials' colours."""
    materials: Float[Tensor, "surfaces 7"]
    """Colour, ambient, diffuse, specular and shininess of every object and, last, of the plane."""
    lights: Float[Tensor, "lights 7"]
    """Position [m] or direction in the camera's frame, intensity, and 1 for a position or 0 for a direction."""
    ambient: Float[Tensor, "colors 4 4"]
    """Light from everywhere as a matrix for each colour, in the camera's frame; empty without such a light."""
    plane: Float[Tensor, "3"]
    """Coefficients of the plane's inverse depth in (u, v, 1) [1/m]; zeros without a plane."""
    plane_normal: Float[Tensor, "3"]
    """Unit normal of the plane in the camera's frame."""
    faces: Int[Tensor, "faces 3"]
    """Vertex indices."""
    normal_faces: Int[Tensor, "faces 3"]
    """Rows of `normals` for the corners of each face."""
    uv: Float[Tensor, "vertices 2"] | None = None
    """Where vertices are in their object's texture, None if no object has one."""
    textures: tuple[Tensor | None, ...] = ()
    """Of each object."""

    def drawn(self) -> tuple[Tensor, ...]:
        """Return the tensors with gradients, in the order in which `draw` takes them."""
        return (
            self.vertices, self.normals, self.colors, self.materials, self.lights, self.ambient, self.plane,
            self.plane_normal,
        )  # fmt: skip

    def matte(self) -> SceneTensors:
        """Return the same without highlights."""
        kept = self.materials.new_tensor([1.0, 1, 1, 1, 1, 0, 1])
        return dataclasses.replace(self, materials=self.materials * kept)

    def light_table(self) -> LightTable:
        """Return all lights, for shading models."""
        return LightTable(self.lights, self.ambient if len(self.ambient) else self.lights.new_zeros(3, 4, 4))


def scene_tensors(scene: Scene, camera: Camera, flat: bool) -> SceneTensors:
    """Return the tensors of a scene, in the dtype of its vertices.

    Args:
        scene: What is drawn.
        camera: Who sees it.
        flat: Whether normals are those of faces instead of vertices.

    Raises:
        InputError: If a tensor is not shaped as it says, a face names a vertex that is not there, an object has a
            texture but no uv, a number is not finite or beyond 1e6, or the camera has no image.
    """
    check_drawable(scene, camera)
    check_numbers(scene, camera)
    dtype = _dtype(scene, camera)
    pose, intrinsics = camera.camera_from_scene.to(dtype), camera.intrinsics.to(dtype)
    smooth = not flat and bool(scene.objects) and not pose.is_cuda
    vertices, normals, faces = (_smooth if smooth else _plain)(scene, pose, intrinsics, flat)
    normal_faces = torch.arange(len(faces))[:, None].expand(-1, 3).contiguous() if flat else faces
    lights = light_table(scene.lights, pose)
    surrounded = any(isinstance(light, AmbientLight) for light in scene.lights)
    plane, plane_normal = _plane(scene, pose, intrinsics)
    return SceneTensors(
        vertices=vertices,
        normals=normals,
        colors=_colors(scene, vertices),
        materials=_materials(scene, dtype),
        lights=lights.sources,
        ambient=lights.ambient if surrounded else lights.ambient[:0],
        plane=plane,
        plane_normal=plane_normal,
        faces=faces,
        normal_faces=normal_faces,
        uv=_uv(scene, vertices) if any(item.mesh.texture is not None for item in scene.objects) else None,
        textures=tuple(item.mesh.texture for item in scene.objects),
    )


def _dtype(scene: Scene, camera: Camera) -> torch.dtype:
    if scene.objects:
        return scene.objects[0].mesh.vertices.dtype
    return scene.plane.normal.dtype if scene.plane else camera.intrinsics.dtype


def _poses(scene: Scene, pose: Tensor) -> tuple[Tensor, Tensor]:
    """Return A and b of each object in x_camera = x A + b; one product of matrices, however many there are."""
    rotations = rotation_from_vector(torch.stack([item.pose.rotation for item in scene.objects]).to(pose))
    places = torch.stack([item.pose.translation for item in scene.objects]).to(pose)
    scales = torch.stack([item.scale for item in scene.objects]).to(pose)
    return ((pose[:3, :3] @ rotations) * scales[:, None]).mT, places @ pose[:3, :3].mT + pose[:3, 3]


def _smooth(scene: Scene, pose: Tensor, intrinsics: Tensor, flat: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return vertices, their normals, and faces, by a kernel."""
    del flat
    from dig_framework.rendering.posed_meshes import posed_meshes

    faces, parts = (
        _faces([item.mesh for item in scene.objects]),
        [item.mesh.vertices.to(pose) for item in scene.objects],
    )
    return *posed_meshes(parts, faces, *_poses(scene, pose), intrinsics), faces


def _plain(scene: Scene, pose: Tensor, intrinsics: Tensor, flat: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return vertices, normals of faces or vertices, and faces, in plain torch."""
    meshes = [item.mesh for item in scene.objects]
    if not meshes:
        return pose.new_zeros(0, 3), pose.new_zeros(0, 3), torch.zeros(0, 3, dtype=torch.int64)
    turns, shifts = _poses(scene, pose)
    posed = [torch.addmm(b, mesh.vertices.to(pose), a) for a, b, mesh in zip(turns, shifts, meshes, strict=True)]
    mesh = Mesh(torch.cat(posed), _faces(meshes))
    return mesh.vertices @ intrinsics.mT, mesh.face_normals() if flat else mesh.vertex_normals(), mesh.faces


def _faces(meshes: list[Mesh]) -> Tensor:
    first, faces = 0, []
    for mesh in meshes:
        faces.append(mesh.faces.long() + first)
        first += len(mesh.vertices)
    return torch.cat(faces)


def _colors(scene: Scene, vertices: Tensor) -> Tensor:
    meshes = [item.mesh for item in scene.objects]
    if all(mesh.colors is None for mesh in meshes):
        return torch.ones_like(vertices, requires_grad=False)
    return torch.cat([torch.ones_like(mesh.vertices) if mesh.colors is None else mesh.colors for mesh in meshes]).to(
        vertices
    )


def _materials(scene: Scene, dtype: torch.dtype) -> Tensor:
    own = scene.plane.material if scene.plane else None
    rows = [material_row(item.material).to(dtype) for item in scene.objects]
    return torch.stack([*rows, material_row(own).to(dtype) if own else torch.zeros(7, dtype=dtype)])


def _uv(scene: Scene, like: Tensor) -> Tensor:
    meshes = [item.mesh for item in scene.objects]
    return torch.cat([like.new_zeros(len(mesh.vertices), 2) if mesh.uv is None else mesh.uv for mesh in meshes])


def _plane(scene: Scene, pose: Tensor, intrinsics: Tensor) -> tuple[Tensor, Tensor]:
    """Return the coefficients of the inverse depth, -K^-T n / offset, and the normal n, both for the camera's frame.

    A plane through the camera is not seen.
    """
    if scene.plane is None:
        return pose.new_zeros(3), pose.new_zeros(3)
    normal = pose[:3, :3] @ scene.plane.normal.to(pose)
    offset = scene.plane.offset.to(pose) - normal @ pose[:3, 3]
    if abs(float(offset.detach())) < _NEAREST_PLANE:
        return pose.new_zeros(3), normal
    return -torch.linalg.solve(intrinsics.mT, normal) / offset, normal
