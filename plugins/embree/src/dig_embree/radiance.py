"""How bright the surfaces are that rays meet."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor

from dig_embree.brush import Brush
from dig_embree.hit_kernels import mixed, normals
from dig_embree.lighting import Chance, Points, arriving, openness
from dig_embree.surfaces import Surfaces
from dig_embree.textures import tint
from dig_embree.tracer import Hits, Tracer
from dig_framework.shading.light_table import LightTable
from dig_framework.shading.model import shading_model
from dig_framework.shading.surface_points import surface_points


def radiance(
    surfaces: Surfaces,
    tracer: Tracer,
    lights: LightTable,
    rays: Float[np.ndarray, "rays 3"],
    hits: Hits,
    owner: np.ndarray,
    brush: Brush,
    chance: Chance,
) -> Float32[np.ndarray, "rays 3"]:
    """Return the linear RGB radiance that comes back along rays, the background's where they meet nothing."""
    image = np.tile(np.array(brush.background, np.float32), (len(rays), 1))
    shown = np.flatnonzero((owner >= 0) | (owner == -1) & surfaces.plane_shown)
    if len(shown) == 0:
        return image
    if len(lights.sources) == 0 and not lights.ambient.any():
        image[shown] = 0
        return image
    part = Hits(hits.face[shown], hits.distance[shown], hits.weights[shown])
    chance = dataclasses.replace(chance, shifts=chance.shifts[:, shown])
    image[shown] = _reflected(surfaces, tracer, lights, rays[shown], part, owner[shown], brush, chance).numpy()
    return image


def normals_at(surfaces: Surfaces, hits: Hits) -> Float[np.ndarray, "rays 3"]:
    """Return unit normals that are smooth over faces; zero where nothing is met."""
    found = np.empty((len(hits.face), 3))
    normals(hits.face, hits.weights, surfaces.faces, surfaces.normals, surfaces.plane, found)
    return found


def _reflected(
    surfaces: Surfaces,
    tracer: Tracer,
    lights: LightTable,
    rays: Float[np.ndarray, "rays 3"],
    hits: Hits,
    owner: np.ndarray,
    brush: Brush,
    chance: Chance,
) -> Float[Tensor, "rays 3"]:
    flat, on_face = np.tile(surfaces.plane[:3], (len(rays), 1)), hits.face >= 0
    flat[on_face] = tracer.face_normals(hits.face[on_face])
    points = Points(rays * hits.distance[:, None], normals_at(surfaces, hits), flat)
    lit = surface_points(
        torch.from_numpy(points.places).float(), torch.from_numpy(points.shaded).float(),
        _reflectance(surfaces, hits, owner), surfaces.materials[owner].float(),
    )  # fmt: skip
    share = None
    if brush.shadows:
        share = arriving(tracer, points, lights, brush.light_radius, chance)
    if brush.ambient_reach > 0:
        free = openness(tracer, points, brush.ambient_reach, chance)
        lit = dataclasses.replace(lit, ambient=lit.ambient * free)
    narrow = LightTable(lights.sources.float(), lights.ambient.float())
    return shading_model(brush.reflectance)(lit, narrow, share)


def _reflectance(surfaces: Surfaces, hits: Hits, owner: np.ndarray) -> Float[Tensor, "points 3"]:
    colors = np.ones((len(owner), 3), np.float32)
    if surfaces.colored:
        on_face = np.flatnonzero(hits.face >= 0)
        colors[on_face] = _between(surfaces, hits, surfaces.colors, on_face)
    for index, image in enumerate(surfaces.textures):
        own = np.flatnonzero(owner == index)
        if image is not None and len(own):
            tint(colors, own, image, _between(surfaces, hits, surfaces.uv, own))
    return torch.from_numpy(colors)


def _between(
    surfaces: Surfaces, hits: Hits, values: Float[np.ndarray, "vertices columns"], chosen: Int[np.ndarray, "chosen"]
) -> Float[np.ndarray, "chosen columns"]:
    """Return what vertices have, at chosen hits on faces between them."""
    found = np.empty((len(chosen), values.shape[1]))
    mixed(hits.face, hits.weights, surfaces.faces, values, chosen, found)
    return found
