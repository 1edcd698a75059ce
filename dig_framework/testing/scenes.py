"""Small scenes of spheres and boxes whose images are known by ray casting, not from meshes."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose, rotation_from_vector
from dig_framework.render import Render
from dig_framework.scene import Scene, SceneObject
from dig_framework.shading.light_table import light_table
from dig_framework.shading.phong import phong_radiance
from dig_framework.shading.surface_points import material_row, surface_points
from dig_framework.testing.solids import box_mesh, sphere_mesh


@dataclasses.dataclass(frozen=True, eq=False)
class Solid:
    """A solid in an object's own frame, centred on its origin, that rays can be cast at."""

    size: tuple[float, float, float]
    """Diameters of an ellipsoid or sides of a box [m]."""
    is_box: bool = False
    """Whether it is a box with sides along the axes."""

    def hit(
        self, origin: Float[Tensor, "3"], rays: Float[Tensor, "*batch 3"]
    ) -> tuple[Float[Tensor, "*batch"], Float[Tensor, "*batch 3"]]:
        """Return how far along each ray it is met from outside, infinite if never, and the outward normal there."""
        half = rays.new_tensor(self.size) / 2
        start, step = origin / half, rays / half
        if self.is_box:
            safe = step.where(step.abs() > 1e-12, 1e-12)
            enter = (-start - safe.sign()) / safe
            leave = (-start + safe.sign()) / safe
            distance, axis = enter.max(-1)
            met = (distance < leave.min(-1).values) & (distance > 0)
            normals = -torch.nn.functional.one_hot(axis, 3).to(rays) * safe.sign()
        else:
            a, b, c = (step * step).sum(-1), (step * start).sum(-1), (start * start).sum() - 1
            root = (b * b - a * c).clamp_min(0).sqrt()
            distance = (-b - root) / a
            met = (b * b > a * c) & (distance > 0)
            normals = (start + distance[..., None] * step) / half
        return distance.where(met, torch.inf), normals


@dataclasses.dataclass(frozen=True, eq=False)
class AnalyticScene:
    """A scene of meshes together with the solids that they approximate."""

    scene: Scene
    camera: Camera
    solids: tuple[Solid, ...]
    """One for each object of the scene."""

    def render(self, samples: int = 1) -> Render:
        """Return images by ray casting: exact at pixel centres, or averaged over samples x samples rays a pixel.

        The ids are always those of pixel centres.
        """
        color, depth, ids = self._cast(self.camera)
        owners = torch.arange(len(self.solids))[:, None, None]
        masks = (ids == owners).to(depth)
        if samples > 1:
            color, depth, fine = self._cast(self.camera.scaled(float(samples)))
            color = _averaged(color.movedim(-1, 0), samples).movedim(0, -1)
            depth, masks = _averaged(depth[None], samples)[0], _averaged((fine == owners).to(depth), samples)
        return Render(color, depth, masks, ids)

    def observation(self) -> Observation:
        """Return the images at pixel centres as if a camera had taken them, with a box around each visible object."""
        render = self.render()
        masks = render.masks > 0.5
        boxes = tuple(
            Box(item.label, _box_around(mask))
            for item, mask in zip(self.scene.objects, masks, strict=True)
            if mask.any()
        )
        seen = masks.flatten(1).any(1)
        return Observation(render.color.clamp(0, 1), render.depth, self.camera, boxes, masks[seen])

    def _cast(self, camera: Camera) -> tuple[Tensor, Tensor, Tensor]:
        """Return colour, depth and ids along the rays through pixel centres of a camera at the scene's origin."""
        rays = camera.rays()
        lights = light_table(self.scene.lights, torch.eye(4).to(rays))
        depth = torch.full(rays.shape[:2], torch.inf, dtype=rays.dtype)
        ids, color = torch.full(rays.shape[:2], -2), torch.ones_like(rays)
        surfaces: list[tuple[int, Tensor, Tensor, Material | None]] = []
        for index, (item, solid) in enumerate(zip(self.scene.objects, self.solids, strict=True)):
            surfaces.append((index, *_cast_object(item, solid, rays), item.material))
        plane = self.scene.plane
        if plane is not None:
            distance = -plane.offset / (rays @ plane.normal)
            normals = plane.normal.expand_as(rays)
            surfaces.append((-1, distance.where(distance > 0, torch.inf), normals, plane.material))
        for index, distance, normals, material in surfaces:
            nearer = distance < depth
            depth, ids = torch.where(nearer, distance, depth), torch.where(nearer, index, ids)
            points = rays * distance.where(nearer, 1.0)[..., None]
            lit = torch.ones_like(rays)
            if material is not None:
                surface = surface_points(points, normals, lit, material_row(material))
                lit = phong_radiance(surface, lights)
            color = torch.where(nearer[..., None], lit, color)
        return color, depth.where(ids > -2, 0.0), ids


def _cast_object(item: SceneObject, solid: Solid, rays: Tensor) -> tuple[Tensor, Tensor]:
    rotation = rotation_from_vector(item.pose.rotation)
    origin = (-item.pose.translation @ rotation) / item.scale
    distance, normals = solid.hit(origin, rays @ rotation / item.scale)
    return distance, (normals / item.scale) @ rotation.mT


def _averaged(image: Tensor, samples: int) -> Tensor:
    return torch.nn.functional.avg_pool2d(image[None], samples)[0]


def _box_around(mask: Bool[Tensor, "height width"]) -> tuple[float, float, float, float]:
    rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
    return (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))


def single_sphere(size: int = 64, subdivisions: int = 4, dtype: torch.dtype = torch.float32) -> AnalyticScene:
    """Return a sphere of radius 0.05 m at (0, 0, 0.5) m on the axis of a camera of size x size pixels; no plane."""
    scene = Scene((_sphere("sphere", 0, 0.05, (0.0, 0.0, 0.5), (0.8, 0.3, 0.2), subdivisions, dtype),), _lights(dtype))
    return AnalyticScene(scene, _camera(size, size, dtype), (Solid((0.1, 0.1, 0.1)),))


def two_spheres(size: int = 64, subdivisions: int = 4, dtype: torch.dtype = torch.float32) -> AnalyticScene:
    """Return a sphere that partly hides another, on a table."""
    objects = (
        _sphere("near", 0, 0.04, (-0.02, 0.01, 0.42), (0.8, 0.3, 0.2), subdivisions, dtype),
        _sphere("far", 1, 0.05, (0.03, -0.01, 0.52), (0.2, 0.5, 0.8), subdivisions, dtype),
    )
    scene = Scene(objects, _lights(dtype), _table(0.09, dtype))
    return AnalyticScene(scene, _camera(size, size, dtype), (Solid((0.08, 0.08, 0.08)), Solid((0.1, 0.1, 0.1))))


def box_on_table(size: int = 64, dtype: torch.dtype = torch.float32) -> AnalyticScene:
    """Return a box of 0.08 x 0.06 x 0.1 m that stands on a table, seen from above and aside."""
    table = _table(0.1, dtype)
    # The box's z axis is the plane's normal: it is turned about x by the angle from z to the normal.
    angle = torch.atan2(-table.normal[1], table.normal[2])
    rotation = rotation_from_vector(torch.stack([angle, 0 * angle, 0 * angle]))
    foot = torch.tensor([0.01, 0.0, 0.5], dtype=dtype)
    center = foot - table.height(foot) * table.normal + 0.05 * table.normal
    turn = rotation_from_vector(torch.tensor([0.0, 0.0, 0.5], dtype=dtype))
    matrix = torch.eye(4, dtype=dtype)
    matrix[:3, :3], matrix[:3, 3] = rotation @ turn, center
    item = SceneObject(
        "box", 0, box_mesh(0.08, 0.06, 0.1, 0, dtype), Pose.from_matrix(matrix),
        _material((0.3, 0.6, 0.3), dtype), torch.ones(3, dtype=dtype),
    )  # fmt: skip
    return AnalyticScene(
        Scene((item,), _lights(dtype), table), _camera(size, size, dtype), (Solid((0.08, 0.06, 0.1), is_box=True),)
    )


def _camera(width: int, height: int, dtype: torch.dtype) -> Camera:
    focal = 2.0 * width
    return Camera.from_focal(focal, focal, (width - 1) / 2, (height - 1) / 2, width, height, dtype)


def _lights(dtype: torch.dtype) -> tuple[Light, ...]:
    return (Light(torch.tensor([-0.5, -0.6, -0.1], dtype=dtype), torch.tensor([1.0, 0.95, 0.9], dtype=dtype)),)


def _table(height: float, dtype: torch.dtype) -> Plane:
    """Return a table whose normal leans towards the camera, which looks 40 degrees down; height below the axis [m]."""
    slope = torch.tensor(40.0, dtype=dtype).deg2rad()
    normal = torch.stack([0 * slope, -slope.cos(), -slope.sin()])
    point = torch.tensor([0.0, height, 0.5], dtype=dtype)
    return Plane(normal, -(normal @ point), _material((0.5, 0.5, 0.5), dtype))


def _material(color: tuple[float, float, float], dtype: torch.dtype) -> Material:
    values = (torch.tensor(value, dtype=dtype) for value in (0.4, 0.6, 0.2, 20.0))
    return Material(torch.tensor(color, dtype=dtype), *values)


def _sphere(
    label: str,
    index: int,
    radius: float,
    center: tuple[float, float, float],
    color: tuple[float, float, float],
    subdivisions: int,
    dtype: torch.dtype,
) -> SceneObject:
    pose = Pose(torch.tensor(center, dtype=dtype), torch.zeros(3, dtype=dtype))
    mesh = sphere_mesh(radius, subdivisions, dtype)
    return SceneObject(label, index, mesh, pose, _material(color, dtype), torch.ones(3, dtype=dtype))
