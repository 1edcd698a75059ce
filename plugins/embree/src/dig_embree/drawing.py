"""Images of what rays meet."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_embree.brush import Brush
from dig_embree.lighting import Chance
from dig_embree.radiance import normals_at, radiance
from dig_embree.samples import pixel_places
from dig_embree.surfaces import Surfaces
from dig_embree.tracer import Hits, Tracer
from dig_framework.camera import Camera
from dig_framework.shading.light_table import LightTable

_BLOCK = 8192
"""Pixels that are drawn at a time, so that all that is known about them stays in the processor's cache."""


@dataclasses.dataclass(frozen=True)
class Images:
    """As of `Render`; depth and normals in float64, normals in the camera's frame."""

    color: Tensor
    depth: Tensor
    masks: Tensor
    ids: Tensor
    normals: Tensor


@dataclasses.dataclass(frozen=True)
class _Arrays:
    """The images while they are drawn, all pixels in a row."""

    color: Float[np.ndarray, "pixels 3"]
    depth: Float[np.ndarray, "pixels"]
    masks: Float[np.ndarray, "objects pixels"]
    ids: np.ndarray
    normals: Float[np.ndarray, "pixels 3"]


def drawn(surfaces: Surfaces, tracer: Tracer, lights: LightTable, camera: Camera, brush: Brush) -> Images:
    """Return averages over several rays a pixel, and what the rays through pixel centres meet."""
    pixels, objects = camera.height * camera.width, len(surfaces.materials) - 1
    arrays = _Arrays(np.zeros((pixels, 3)), np.zeros(pixels), np.zeros((objects, pixels)),
                     np.zeros(pixels, np.int64), np.zeros((pixels, 3)))  # fmt: skip
    random = np.random.default_rng(brush.seed)
    for start in range(0, pixels, _BLOCK):
        part = slice(start, min(start + _BLOCK, pixels))
        block = _Arrays(
            arrays.color[part], arrays.depth[part], arrays.masks[:, part], arrays.ids[part], arrays.normals[part]
        )
        _draw(block, start, surfaces, tracer, lights, camera, brush, random)
    shape = (camera.height, camera.width)
    return Images(
        torch.from_numpy(arrays.color).view(*shape, 3), torch.from_numpy(arrays.depth).view(shape),
        torch.from_numpy(arrays.masks).view(objects, *shape), torch.from_numpy(arrays.ids).view(shape),
        torch.from_numpy(arrays.normals).view(*shape, 3),
    )  # fmt: skip


def _draw(
    into: _Arrays,
    start: int,
    surfaces: Surfaces,
    tracer: Tracer,
    lights: LightTable,
    camera: Camera,
    brush: Brush,
    random: np.random.Generator,
) -> None:
    """Draw the pixels from `start` on into the rows that are given for them."""
    count = len(into.depth)
    shifts = random.random((2 * len(lights.sources) + 2, count), dtype=np.float32)
    centers = rays_through(camera, np.zeros(2), start, count)
    middle = tracer.hits(centers, brush.near)
    into.ids[:], into.normals[:] = owners(surfaces, middle), normals_at(surfaces, middle)
    for number, place in enumerate(pixel_places(brush.samples)):
        # One ray a pixel goes through its centre, and what it meets is known.
        rays = centers if brush.samples == 1 else rays_through(camera, place, start, count)
        hits = middle if brush.samples == 1 else tracer.hits(rays, brush.near)
        owner = owners(surfaces, hits)
        chance = Chance(number, brush.samples, shifts)
        into.color[:] += radiance(surfaces, tracer, lights, rays, hits, owner, brush, chance) / brush.samples
        into.depth[:] += hits.distance / brush.samples
        seen = np.flatnonzero(owner >= 0)
        into.masks[owner[seen], seen] += 1 / brush.samples


def rays_through(
    camera: Camera, place: Float[np.ndarray, "2"], start: int, count: int
) -> Float[np.ndarray, "pixels 3"]:
    """Return directions of depth 1 through a place of some pixels, given from their centres [px].

    Args:
        camera: Whose pixels they are.
        place: Right and down of the centres [px].
        start: Number of the first pixel, counted row by row.
        count: How many follow from there.
    """
    v, u = np.divmod(np.arange(start, start + count), camera.width)
    places = np.stack([u + place[0], v + place[1], np.ones(count)], -1)
    return places @ np.linalg.inv(camera.intrinsics.detach().double().numpy()).T


def owners(surfaces: Surfaces, hits: Hits) -> np.ndarray:
    """Return the position in `scene.objects` of what is met, -1 for the plane, -2 for nothing."""
    owner = hits.face.copy()
    met = owner >= 0
    owner[met] = surfaces.owner[owner[met]]
    return owner
