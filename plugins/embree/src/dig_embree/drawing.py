"""Images of what rays meet."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_embree.lighting import Chance, Points, arriving, openness
from dig_embree.samples import pixel_places
from dig_embree.surfaces import Surfaces
from dig_embree.textures import texels
from dig_embree.tracer import Hits, Tracer
from dig_framework.camera import Camera
from dig_framework.shading.light_table import LightTable
from dig_framework.shading.model import ShadingName, shading_model
from dig_framework.shading.surface_points import surface_points


@dataclasses.dataclass(frozen=True)
class Brush:
    """How surfaces are drawn."""

    samples: int
    reflectance: ShadingName
    shadows: bool
    light_radius: float
    """[m]"""
    ambient_reach: float
    """How far surfaces keep ambient light from others [m]."""
    seed: int
    background: tuple[float, float, float]
    near: float
    """[m]"""


@dataclasses.dataclass(frozen=True)
class Images:
    """As of `Render`; depth in float64."""

    color: Tensor
    depth: Tensor
    masks: Tensor


def drawn(surfaces: Surfaces, tracer: Tracer, lights: LightTable, camera: Camera, brush: Brush) -> Images:
    """Return averages over several rays a pixel."""
    pixels, objects = camera.height * camera.width, len(surfaces.materials) - 1
    color, depth = torch.zeros(pixels, 3, dtype=torch.float64), np.zeros(pixels)
    masks = np.zeros((objects, pixels))
    random = np.random.default_rng(brush.seed)
    for number, place in enumerate(pixel_places(brush.samples)):
        rays = rays_through(camera, place)
        hits = tracer.hits(rays, brush.near)
        owner = owners(surfaces, hits)
        chance = Chance(number, brush.samples, random)
        color += _radiance(surfaces, tracer, lights, rays, hits, owner, brush, chance)
        depth += hits.distance
        seen = np.flatnonzero(owner >= 0)
        masks[owner[seen], seen] += 1
    shape = (camera.height, camera.width)
    return Images(
        (color / brush.samples).view(*shape, 3),
        torch.from_numpy(depth / brush.samples).view(shape),
        torch.from_numpy(masks / brush.samples).view(objects, *shape),
    )


def rays_through(camera: Camera, place: Float[np.ndarray, "2"]) -> Float[np.ndarray, "pixels 3"]:
    """Return directions of depth 1 through a place of every pixel, given from its centre [px]."""
    v, u = np.mgrid[0 : camera.height, 0 : camera.width].astype(np.float64)
    places = np.stack([u + place[0], v + place[1], np.ones_like(u)], -1).reshape(-1, 3)
    return places @ np.linalg.inv(camera.intrinsics.detach().double().numpy()).T


def owners(surfaces: Surfaces, hits: Hits) -> np.ndarray:
    """Return the position in `scene.objects` of what is met, -1 for the plane, -2 for nothing."""
    owner = hits.face.copy()
    met = owner >= 0
    owner[met] = surfaces.owner[owner[met]]
    return owner


def normals_at(surfaces: Surfaces, hits: Hits) -> Float[np.ndarray, "rays 3"]:
    """Return unit normals that are smooth over faces; zero where nothing is met."""
    normals, met = np.zeros((len(hits.face), 3)), hits.face >= 0
    normals[met] = _mixed(surfaces.normals, surfaces.faces[hits.face[met]], hits.weights[met])
    normals[hits.face == -1] = surfaces.plane[:3]
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)


def _radiance(
    surfaces: Surfaces,
    tracer: Tracer,
    lights: LightTable,
    rays: Float[np.ndarray, "pixels 3"],
    hits: Hits,
    owner: np.ndarray,
    brush: Brush,
    chance: Chance,
) -> Float[Tensor, "pixels 3"]:
    image = torch.tensor(brush.background).repeat(len(rays), 1)
    shown = np.flatnonzero((owner >= 0) | (owner == -1) & surfaces.plane_shown)
    if len(shown) == 0:
        return image
    part = Hits(hits.face[shown], hits.distance[shown], hits.weights[shown])
    points = _points(surfaces, tracer, rays[shown], part)
    lit = surface_points(
        torch.from_numpy(points.places).float(), torch.from_numpy(points.shaded).float(),
        _reflectance(surfaces, part, owner[shown]), surfaces.materials[owner[shown]].float(),
    )  # fmt: skip
    share = None
    if brush.shadows:
        share = arriving(tracer, points, lights, brush.light_radius, chance).float()
    if brush.ambient_reach > 0:
        free = openness(tracer, points, brush.ambient_reach, chance)
        lit = dataclasses.replace(lit, ambient=lit.ambient * free)
    image[torch.from_numpy(shown)] = shading_model(brush.reflectance)(lit, _narrow(lights), share)
    return image


def _narrow(lights: LightTable) -> LightTable:
    return LightTable(lights.sources.float(), lights.ambient.float())


def _points(surfaces: Surfaces, tracer: Tracer, rays: Float[np.ndarray, "points 3"], hits: Hits) -> Points:
    flat, on_face = np.broadcast_to(surfaces.plane[:3], rays.shape).copy(), hits.face >= 0
    flat[on_face] = tracer.face_normals(hits.face[on_face])
    return Points(rays * hits.distance[:, None], normals_at(surfaces, hits), flat)


def _reflectance(surfaces: Surfaces, hits: Hits, owner: np.ndarray) -> Float[Tensor, "points 3"]:
    colors = np.ones((len(owner), 3), np.float32)
    met = np.flatnonzero(hits.face >= 0)
    corners, weights = surfaces.faces[hits.face[met]], hits.weights[met]
    if surfaces.colored:
        colors[met] = _mixed(surfaces.colors, corners, weights)
    for index, image in enumerate(surfaces.textures):
        own = np.flatnonzero(owner[met] == index) if image is not None else ()
        if image is not None and len(own):
            colors[met[own]] *= texels(image, _mixed(surfaces.uv, corners[own], weights[own]))
    return torch.from_numpy(colors)


def _mixed(
    values: Float[np.ndarray, "vertices columns"], corners: np.ndarray, weights: Float[np.ndarray, "hits 3"]
) -> Float[np.ndarray, "hits columns"]:
    mixed = weights[:, :1] * values[corners[:, 0]]
    for corner in (1, 2):
        mixed += weights[:, corner : corner + 1] * values[corners[:, corner]]
    return mixed
