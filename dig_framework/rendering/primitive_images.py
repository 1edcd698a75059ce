"""Images by the four primitives of `dig_framework.raster`, or by another module with the same interface."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import one_hot

from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.seen import Frame
from dig_framework.rendering.texture_colors import texture_colors
from dig_framework.shading.model import ShadingModel
from dig_framework.shading.surface_points import SurfacePoints, surface_points


@runtime_checkable
class Primitives(Protocol):
    """The module `nvdiffrast.torch`, or one with the same interface."""

    rasterize: Any
    interpolate: Any
    texture: Any
    antialias: Any


def draw_with_primitives(
    primitives: Primitives, context: Any, tensors: SceneTensors, frame: Frame, model: ShadingModel
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return colour, depth [m], masks, ids and the camera-frame normals of a scene; differentiable in every tensor.

    Silhouettes are blended between neighbouring pixels.

    Args:
        primitives: What rasterises.
        context: Of its `rasterize`.
        tensors: What is drawn, on a device on which the primitives run.
        frame: What else; its topology is not used.
        model: How surfaces reflect light.
    """
    vertices = tensors.vertices
    positions, triangles = _with_plane(tensors)
    clip = clip_positions(positions, frame.width, frame.height, frame.near)[None]
    if not len(triangles):
        return _nothing(frame, vertices)
    rast, _ = primitives.rasterize(context, clip, triangles, (frame.height, frame.width))
    face = rast[0, ..., 3].detach().long() - 1
    kinds = torch.as_tensor(frame.face_object, device=face.device)
    owner = torch.cat([kinds, kinds.new_tensor([frame.objects] * (len(triangles) - len(kinds)) + [-2])])[face]
    seen = owner >= 0
    depth, surface = _surface(primitives, rast, owner, seen, tensors, frame)
    color = model(surface, tensors.light_table())
    background = torch.as_tensor(frame.background, device=color.device).to(color)
    if not frame.plane_shown:
        color = color.where((owner[seen] < frame.objects)[:, None], background)
    masks = one_hot(owner.clamp_min(0), frame.objects + 1)[..., : frame.objects] * seen[..., None]
    empty = background.new_zeros(frame.height, frame.width, 1)
    image = torch.cat([background.expand(frame.height, frame.width, 3), empty], 2)
    image = image.index_put((seen,), torch.cat([color, depth[:, None]], 1))
    image = torch.cat([image, masks.to(image)], 2)
    image = primitives.antialias(image[None].contiguous(), rast, clip, triangles)[0]
    normals = empty.repeat(1, 1, 3).index_put((seen,), surface.normals)
    ids = owner.where(owner < frame.objects, -1)
    return image[..., :3], image[..., 3], image[..., 4:].movedim(-1, 0), ids, normals


def clip_positions(
    vertices: Float[Tensor, "vertices 4"], width: int, height: int, near: float
) -> Float[Tensor, "vertices 4"]:
    """Return positions in clip space, the first row of the image at y = -1; differentiable.

    Args:
        vertices: (u z, v z, z) and 1, or 0 for what is infinitely far away.
        width: Of the image [px].
        height: Of the image [px].
        near: Distance of the near plane [m]; there is no far plane.
    """
    x, y, z, one = vertices.unbind(1)
    return torch.stack([(2 * x + z) / width - z, (2 * y + z) / height - z, z - 2 * near * one, z], 1)


def _with_plane(tensors: SceneTensors) -> tuple[Tensor, Tensor]:
    """Return homogeneous vertices and triangles, with a fan to the horizon for the plane.

    In the space of (u z, v z, z) the plane's points are those whose product with its coefficients is one.
    """
    vertices, faces, plane = tensors.vertices, tensors.faces, tensors.plane.detach()
    points = torch.cat([vertices, torch.ones_like(vertices[:, :1])], 1)
    if not bool(plane.any()):
        return points, faces.int().contiguous()
    foot = torch.cat([plane / plane.square().sum(), plane.new_ones(1)])
    across = torch.linalg.svd(plane[None])[2][1:]
    # The lengths of directions are free; that of the foot keeps the weights of the corners alike.
    ends = torch.cat([across, -across]) * foot[:3].norm()
    ends = torch.cat([ends, ends.new_zeros(4, 1)], 1)
    first = len(vertices)
    turns = [[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]]
    fan = torch.tensor(turns, device=faces.device) + first
    return torch.cat([points, foot[None], ends]), torch.cat([faces, fan]).int().contiguous()


def _surface(
    primitives: Primitives, rast: Tensor, owner: Tensor, seen: Tensor, tensors: SceneTensors, frame: Frame
) -> tuple[Tensor, SurfacePoints]:
    """Return depth and surface of the pixels that see something."""
    on_plane = owner[seen] == frame.objects
    v, u = seen.nonzero(as_tuple=True)
    pixels = torch.stack([u, v, torch.ones_like(u)], 1).to(tensors.vertices)
    inverse = (pixels @ tensors.plane).where(on_plane, 1.0)
    attributes = [tensors.vertices[:, 2:], tensors.colors, *([] if tensors.uv is None else [tensors.uv])]
    found = _interpolated(primitives, torch.cat(attributes, 1), rast, tensors.faces, seen)
    normals = _interpolated(primitives, tensors.normals, rast, tensors.normal_faces, seen)
    depth = torch.where(on_plane, 1 / inverse, found[:, 0])
    colors = found[:, 1:4].where(~on_plane[:, None], 1.0)
    if tensors.uv is not None:
        colors = colors * texture_colors(tensors.textures, owner[seen], found[:, 4:], primitives.texture)
    normals = torch.where(on_plane[:, None], tensors.plane_normal, normals)
    rays = torch.as_tensor(frame.camera_from_pixel, device=depth.device).to(depth)
    points = pixels @ rays.mT * depth[:, None]
    return depth, surface_points(points, normals, colors, tensors.materials[owner[seen]])


def _interpolated(primitives: Primitives, values: Tensor, rast: Tensor, faces: Tensor, seen: Tensor) -> Tensor:
    """Return the values of vertices where they are seen; whatever it is where the plane is."""
    if not len(faces):
        return values.new_zeros(int(seen.sum()), values.shape[1])
    of_objects = rast[..., 3:] <= len(faces)
    known = torch.where(of_objects, rast, 0.0)
    return primitives.interpolate(values.contiguous(), known, faces.int().contiguous())[0][0][seen]


def _nothing(frame: Frame, like: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    size = (frame.height, frame.width)
    background = torch.as_tensor(frame.background, device=like.device).to(like)
    ids = torch.full(size, -2, device=like.device)
    empty = like.new_zeros(*size)
    return background.expand(*size, 3), empty, like.new_zeros(frame.objects, *size), ids, like.new_zeros(*size, 3)
