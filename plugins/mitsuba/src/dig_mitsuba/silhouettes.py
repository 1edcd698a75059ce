"""How losses change as silhouettes move, by Mitsuba's projective sampling."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_mitsuba.pinhole import pinhole, seen_from_camera
from dig_mitsuba.seen import Hits
from dig_mitsuba.surfaces import Surfaces
from dig_mitsuba.tracer import hits_of, loaded

_GOLDEN = (math.sqrt(5) - 1) / 2

Step = Callable[[Hits, Hits, Float[Tensor, "points 2"]], Float[Tensor, "points"]]
"""Loss of a pixel's area that shows the first instead of the second, at places of the image."""


def silhouette_gradient(
    mi: ModuleType, surfaces: Surfaces, near: float, samples: int, seed: int, step: Step
) -> Float[Tensor, "vertices 3"]:
    """Return the gradient of a loss with respect to vertices, as far as it is due to the motion of silhouettes.

    At sampled points of silhouettes the difference between what is on either side is carried along by their motion
    across the image (Zhang, Roussel and Jakob, "Projective Sampling for Differentiable Rendering of Geometry", ACM TOG
    2023). Mitsuba finds and weighs the points, and traces what is behind them.

    Args:
        mi: The library, with a variant chosen that differentiates.
        surfaces: The scene.
        near: Nearest depth that is seen [m].
        samples: Points of silhouettes.
        seed: Of their places.
        step: Tells the difference.
    """
    import drjit as dr  # pyright: ignore[reportMissingImports]

    total = torch.zeros_like(surfaces.vertices)
    kinds, scene = loaded(mi, surfaces)
    if 0 not in kinds:
        return total
    held = mi.traverse(scene)
    # Mitsuba has silhouettes only of what could move.
    dr.enable_grad(held["mesh.vertex_positions"])
    held.update()
    sensor = pinhole(mi, surfaces.camera, (0.0, 0.0), near, {"type": "independent"})
    with dr.suspend_grad():
        points, density = _points(mi, scene, sensor, _spread(mi, samples, seed))
        behind = scene.ray_intersect_preliminary(points.spawn_ray())
    first = hits_of([0], np.zeros(samples), points.prim_index.numpy(), points.uv.numpy())
    index = np.where(behind.is_valid().numpy(), behind.shape_index.numpy().astype(np.int64), -1)
    second = hits_of(kinds, index, behind.prim_index.numpy(), behind.prim_uv.numpy())
    seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
    pixels, inside = _pixels(surfaces.camera, np.linalg.solve(seen, points.p.numpy()).T, near)
    inside &= torch.from_numpy(density.numpy() > 0)
    first, second = (Hits(hit.face[inside], hit.barycentric[inside]) for hit in (first, second))
    area = torch.from_numpy(density.numpy()[inside.numpy()].astype(np.float64))
    area *= surfaces.camera.width * surfaces.camera.height / samples
    # A point moves as the corners of its face do. Dr.Jit would add that up in another order each time.
    across = torch.from_numpy(points.n.numpy().T.astype(np.float64) @ seen)[inside]
    force = (step(first, second, pixels[inside]) * area)[:, None] * across
    moves = first.barycentric[..., None] * force[:, None]
    return total.index_add(0, surfaces.faces[first.face].flatten(), moves.flatten(0, 1))


def _spread(mi: ModuleType, samples: int, seed: int) -> Any:
    """Return points of the unit square, a lattice by the golden ratio, moved about at random as a whole."""
    moved = np.random.default_rng(seed).random(2)
    steps = np.arange(samples)
    first, second = (steps + moved[0]) / samples, (_GOLDEN * steps + moved[1]) % 1.0
    return mi.Point2f(mi.Float(first.astype(np.float32)), mi.Float(second.astype(np.float32)))


def _points(mi: ModuleType, scene: Any, sensor: Any, places: Any) -> tuple[Any, Any]:
    """Return visible points of silhouettes, and the area of the image that each stands for; zero if it is hidden."""
    import drjit as dr  # pyright: ignore[reportMissingImports]

    detail = mi.ad.ProjectiveDetail(None)
    detail.init_primarily_visible_silhouette(scene, sensor)
    center = sensor.world_transform() @ mi.Point3f(0)
    found = detail.sample_primarily_visible_silhouette(scene, center, places, True)
    seen = found.is_valid() & (found.pdf > 0)
    back = mi.SilhouetteSample3f(found)
    back.d = -back.d
    ray = back.spawn_ray()
    ray.maxt = dr.norm(center - ray.o) * (1 - mi.math.ShadowEpsilon)
    seen &= ~scene.ray_test(ray, seen)
    density = dr.select(seen, detail.sensor_jacobian(sensor, found) / found.pdf, 0.0)
    dr.eval(found, density)
    return found, density


def _pixels(
    camera: Camera, points: Float[np.ndarray, "points 3"], near: float
) -> tuple[Float[Tensor, "points 2"], Bool[Tensor, "points"]]:
    """Return where points in the camera's frame are in the image [px], and whether they are in it at all."""
    places = torch.from_numpy(points.astype(np.float64)) @ camera.intrinsics.mT
    ahead = places[:, 2] > near
    pixels = places[:, :2] / places[:, 2:].where(ahead[:, None], 1.0)
    size = torch.tensor([camera.width, camera.height])
    return pixels, ahead & (pixels > -0.5).all(1) & (pixels < size - 0.5).all(1)
