"""What rays have met, ready to be lit."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from dig_framework.raster import texture
from dig_framework.rendering.texture_colors import texture_colors
from dig_framework.shading.model import ShadingModel
from dig_framework.shading.surface_points import surface_points
from dig_mitsuba.surfaces import Surfaces


@dataclasses.dataclass(frozen=True)
class Hits:
    """What rays meet first."""

    face: Int[Tensor, "*batch"]
    """Row of the faces; -1 for the plane, -2 for nothing."""
    barycentric: Float[Tensor, "*batch 3"]
    """Weights of a face's corners."""
    lit: Bool[Tensor, "lights *batch"] | None = None
    """Whether each light shines on its outer side, and nothing is in between; None if that was not asked."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """Where and what rays have met, in the camera's frame."""

    owner: Int[Tensor, "*batch"]
    """Position in `scene.objects`, -1 for the plane, -2 for nothing."""
    points: Float[Tensor, "*batch 3"]
    """Positions [m]; zero for nothing."""
    normals: Float[Tensor, "*batch 3"]
    """Outward, of any length; zero for nothing."""
    reflectance: Float[Tensor, "*batch 3"]
    """Vertex colours and textures."""


def seen_at(surfaces: Surfaces, hits: Hits, pixels: Float[Tensor, "*batch 2"], attached: bool = True) -> Seen:
    """Return what has been met by the rays through some places of the image [px].

    Differentiable with the rays held fixed: points slide along them as surfaces move.

    Args:
        surfaces: The scene.
        hits: What the rays meet.
        pixels: Where they pass.
        attached: Whether the rays decide where on its face a point is; otherwise the weights of the hits do.
    """
    places = torch.cat([pixels, torch.ones_like(pixels[..., :1])], -1)
    rays = places @ torch.linalg.inv(surfaces.camera.intrinsics).mT
    on_plane, on_face = hits.face == -1, hits.face >= 0
    points, normals, reflectance = (torch.zeros(*hits.face.shape, 3, dtype=torch.float64) for _ in range(3))
    plane = surfaces.plane
    distance = -plane[3] / (rays[on_plane] @ plane[:3])
    points = points.index_put((on_plane,), rays[on_plane] * distance[:, None])
    normals = normals.index_put((on_plane,), plane[:3].expand(int(on_plane.sum()), 3))
    reflectance[on_plane] = 1.0
    corners = surfaces.faces[hits.face[on_face]]
    weights = hits.barycentric[on_face]
    if attached:
        weights = _weights(surfaces.vertices[corners], rays[on_face], weights)
    owner, colors = surfaces.owners(hits.face), _mixed(surfaces.colors, corners, weights)
    if any(image is not None for image in surfaces.textures):
        uv = _mixed(surfaces.uv, corners, weights)
        colors = colors * texture_colors(surfaces.textures, owner[on_face], uv, texture)
    return Seen(
        owner,
        points.index_put((on_face,), _mixed(surfaces.vertices, corners, weights)),
        normals.index_put((on_face,), _mixed(surfaces.normals, corners, weights)),
        reflectance.index_put((on_face,), colors),
    )


def _mixed(
    values: Float[Tensor, "vertices columns"], corners: Int[Tensor, "hits 3"], weights: Float[Tensor, "hits 3"]
) -> Float[Tensor, "hits columns"]:
    return torch.stack([weights[:, k : k + 1] * values[corners[:, k]] for k in range(3)]).sum(0)


def _weights(
    corners: Float[Tensor, "hits 3 3"], rays: Float[Tensor, "hits 3"], found: Float[Tensor, "hits 3"]
) -> Float[Tensor, "hits 3"]:
    """Return barycentric weights of the points where rays from the origin meet triangles; `found` if they graze."""
    a, b, c = corners.unbind(1)
    volumes = torch.stack([(rays * torch.linalg.cross(*pair)).sum(-1) for pair in ((b, c), (c, a), (a, b))], -1)
    total = volumes.sum(-1, keepdim=True)
    clear = total.detach().abs() > 1e-9 * volumes.detach().abs().amax(-1, keepdim=True)
    weights = volumes / total.where(clear, 1.0)
    near = clear & ((weights.detach() - found).abs().amax(-1, keepdim=True) < 0.05)
    return weights.where(near, found)


def radiance(
    surfaces: Surfaces, seen: Seen, hits: Hits, model: ShadingModel, background: tuple[float, float, float]
) -> Float[Tensor, "*batch 3"]:
    """Return what of its light arrives at the camera; differentiable.

    Args:
        surfaces: The scene.
        seen: What is lit.
        hits: Which lights shine on it; all, if that was not asked.
        model: How surfaces reflect light.
        background: Shown where nothing is met, or a plane without material.
    """
    empty = (seen.owner == -2) | (seen.owner == -1) & (not surfaces.plane_shown)
    shown = ~empty
    rows = surfaces.materials[seen.owner[shown].clamp_min(-1)]
    lit = surface_points(seen.points[shown], seen.normals[shown], seen.reflectance[shown], rows)
    arriving = None if hits.lit is None else hits.lit[:, shown].double()
    color = model(lit, surfaces.lights, arriving)
    image = torch.tensor(background, dtype=torch.float64).expand(*seen.owner.shape, 3)
    return image.index_put((shown,), color)
