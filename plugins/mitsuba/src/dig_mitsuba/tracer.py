"""What Mitsuba finds along rays."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import drjit  # pyright: ignore[reportMissingImports]
import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_mitsuba.pinhole import seen_from_camera
from dig_mitsuba.seen import Hits
from dig_mitsuba.shapes import white_shapes
from dig_mitsuba.surfaces import Surfaces


@runtime_checkable
class Tracer(Protocol):
    """Surfaces that Mitsuba has loaded, in the variant chosen when it is made."""

    def hits(
        self, pixels: Float[Tensor, "samples height width 2"], sources: Float[Tensor, "samples lights 7"] | None
    ) -> Hits:
        """Return what rays meet.

        Args:
            pixels: Where in the image they pass [px].
            sources: Lights for each sample, as of `LightTable.sources`; without them it is not asked what they light.
        """
        ...


def loaded(mi: ModuleType, surfaces: Surfaces, **parts: Any) -> tuple[list[int], Any]:
    """Return a scene of white surfaces, and for each of its shapes 0 for the mesh or -1 for the plane."""
    shapes = white_shapes(mi, surfaces)
    # Mitsuba's optimisation would join shapes.
    scene = mi.load_dict({"type": "scene", **shapes, **parts}, optimize=False)
    return [0 if name == "mesh" else -1 for name in shapes], scene


def hits_of(
    kinds: list[int],
    shape: np.ndarray,
    face: np.ndarray,
    corners: np.ndarray,
    lit: Bool[Tensor, "lights *batch"] | None = None,
) -> Hits:
    """Return hits.

    Args:
        kinds: As of `loaded`.
        shape: Index of the shape that is met; at least the number of shapes, or negative, for nothing.
        face: Row of its face.
        corners: Weights of the face's second and third corner, by the first axis.
        lit: As of `Hits`.
    """
    number = np.where((shape >= 0) & (shape < len(kinds)), shape.astype(np.int64), len(kinds))
    kind = torch.from_numpy(np.array([*kinds, -2])[number])
    # Where a ray meets nothing the weights may be any bits.
    met = np.where(number < len(kinds), corners, np.float32(0)).astype(np.float64)
    second, third = torch.from_numpy(met)
    rows = torch.from_numpy(face.astype(np.int64))
    return Hits(torch.where(kind == 0, rows, kind), torch.stack([1 - second - third, second, third], -1), lit)


class WavefrontTracer:
    """Traces all rays at once, in a variant that compiles."""

    def __init__(self, mi: ModuleType, surfaces: Surfaces, near: float) -> None:
        self._mi, self._surfaces, self._near = mi, surfaces, near
        self._seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
        self._kinds, self._scene = loaded(mi, surfaces)

    def hits(
        self, pixels: Float[Tensor, "samples height width 2"], sources: Float[Tensor, "samples lights 7"] | None
    ) -> Hits:
        """Return what rays meet."""
        mi, shape = self._mi, pixels.shape[:-1]
        rays = self._rays(pixels.reshape(-1, 2))
        found = self._scene.ray_intersect_preliminary(rays, coherent=True)
        lit = None
        if sources is not None:
            surface = found.compute_surface_interaction(rays, mi.RayFlags.All)
            lit = [self._reached(surface, sources[:, index], shape) for index in range(sources.shape[1])]
            lit = torch.stack(lit) if lit else torch.zeros(0, *shape, dtype=torch.bool)
        index, face = found.shape_index.numpy(), found.prim_index.numpy()
        index = np.where(found.is_valid().numpy(), index.astype(np.int64), -1)
        corners = found.prim_uv.numpy().reshape(2, *shape)
        return hits_of(self._kinds, index.reshape(shape), face.reshape(shape), corners, lit)

    def _rays(self, pixels: Float[Tensor, "rays 2"]) -> Any:
        places = torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1).numpy()
        moved = places @ (self._seen @ np.linalg.inv(self._surfaces.camera.intrinsics.numpy())).T
        lengths = np.linalg.norm(moved, axis=1)
        # One array at the start of each ray, too, so that Mitsuba compiles the same program for all cameras.
        origin, directions = (moved * (self._near / moved[:, 2:])), moved / lengths[:, None]
        return self._mi.Ray3f(self._points(origin), self._vectors(directions))

    def _reached(self, surface: Any, rows: Float[Tensor, "samples 7"], shape: tuple[int, ...]) -> Bool[Tensor, "..."]:
        places = (rows[:, :3].numpy() @ self._seen.T).repeat(shape[1] * shape[2], 0)
        if float(rows[0, 6]):
            ray = surface.spawn_ray_to(self._points(places))
        else:
            ray = surface.spawn_ray(self._vectors(places / np.linalg.norm(places, axis=1, keepdims=True)))
        facing = surface.is_valid() & (drjit.dot(surface.n, ray.d) > 0)
        return torch.from_numpy((facing & ~self._scene.ray_test(ray, facing)).numpy()).reshape(shape)

    def _points(self, values: np.ndarray) -> Any:
        return self._mi.Point3f(*(self._mi.Float(values[:, axis].astype(np.float32)) for axis in range(3)))

    def _vectors(self, values: np.ndarray) -> Any:
        return self._mi.Vector3f(*(self._mi.Float(values[:, axis].astype(np.float32)) for axis in range(3)))
