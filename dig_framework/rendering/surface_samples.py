"""What surfaces are like where points of the image see them, in plain torch, for shading models that have no kernel."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.raster import texture
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.texture_colors import texture_colors
from dig_framework.shading.surface_points import SurfacePoints, surface_points


@dataclasses.dataclass(frozen=True)
class SurfaceSamples:
    """Points of surfaces, each seen at one point of the image."""

    depth: Float[Tensor, "samples"]
    """Along the optical axis [m]."""
    surface: SurfacePoints
    """In the camera's frame."""


def surface_samples(
    tensors: SceneTensors,
    face: Int[Tensor, "samples"],
    owner: Int[Tensor, "samples"],
    pixels: Float[Tensor, "samples 2"],
    weights: Float[Tensor, "samples 3"],
    camera_from_pixel: Float[Tensor, "3 3"],
) -> SurfaceSamples:
    """Return depth and surface at points of the image; differentiable in the tensors and weights.

    Args:
        tensors: What is drawn.
        face: Face that is seen, or the number of faces for the plane.
        owner: Row of its material.
        pixels: Where it is seen [px].
        weights: Of the face's corners, as they are in space; ignored for the plane.
        camera_from_pixel: K^-1.
    """
    on_plane = face == len(tensors.faces)
    homogeneous = torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1)
    corners = _with_plane(tensors.faces, len(tensors.vertices))[face]
    normal_corners = _with_plane(tensors.normal_faces, len(tensors.normals))[face]
    # The plane has no corners; it borrows a row of its own at the end of each table.
    blank = torch.ones_like(tensors.plane_normal)[None]
    of_face = _mixed(torch.cat([tensors.vertices[:, 2:], blank[:, :1]]), corners, weights)[:, 0]
    depth = torch.where(on_plane, 1 / (homogeneous @ tensors.plane).where(on_plane, 1.0), of_face)
    normals = _mixed(torch.cat([tensors.normals, tensors.plane_normal[None]]), normal_corners, weights)
    colors = _mixed(torch.cat([tensors.colors, blank]), corners, weights)
    if tensors.uv is not None:
        uv = _mixed(torch.cat([tensors.uv, torch.zeros_like(blank[:, :2])]), corners, weights)
        colors = colors * texture_colors(tensors.textures, owner, uv, texture)
    points = homogeneous @ camera_from_pixel.mT * depth[:, None]
    return SurfaceSamples(depth, surface_points(points, normals, colors, tensors.materials[owner]))


def center_weights(
    vertices: Float[Tensor, "vertices 3"],
    faces: Int[Tensor, "faces 3"],
    face: Int[Tensor, "samples"],
    pixels: Float[Tensor, "samples 2"],
) -> Float[Tensor, "samples 3"]:
    """Return the perspective-correct weights of faces' corners at points of the image; differentiable in vertices.

    They are e_k / (e_0 + e_1 + e_2) with e_0 = det(v_1, v_2, M) and so on in turn (Olano and Greer, Graphics Hardware
    1997). A third each for the plane, whose face is the number of faces.
    """
    on_plane = face == len(faces)
    # The plane has no corners; it borrows a row of its own at the end.
    corners = torch.cat([vertices, vertices.new_ones(1, 3)])
    corners = corners[_with_plane(faces, len(vertices))[face]]
    normals = torch.linalg.cross(corners[:, [1, 2, 0]], corners[:, [2, 0, 1]], dim=-1)
    homogeneous = torch.cat([pixels, torch.ones_like(pixels[:, :1])], 1)
    edges = (normals * homogeneous[:, None]).sum(-1)
    # Faces seen from behind have all signs turned.
    inside = edges * edges.sum(1, keepdim=True).detach().sign()
    # Rounding may put a point just beyond a side; the derivative is that of the point itself.
    inside = inside + (inside.clamp_min(0) - inside).detach()
    total = inside.sum(1, keepdim=True)
    told = (total > 0) & ~on_plane[:, None]
    return (inside / total.where(told, 1.0)).where(told, 1 / 3)


def _with_plane(faces: Tensor, row: int) -> Tensor:
    return torch.cat([faces, faces.new_full((1, 3), row)])


def _mixed(values: Tensor, corners: Tensor, weights: Tensor) -> Tensor:
    return (weights[..., None] * values[corners]).sum(1)
