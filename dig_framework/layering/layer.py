"""What is seen of one object alone, with a soft outline."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import max_pool2d, one_hot, pad

from dig_framework.layering.fragments import Fragments
from dig_framework.layering.outline import outline, welded
from dig_framework.layering.rasterizer import Hits, Rasterizer
from dig_framework.layering.rim import ON_OUTLINE, Rim, find_rim, half_plane_area
from dig_framework.layering.window import Window


def object_layer(
    vertices: Float[Tensor, "vertices 3"],
    faces: Int[Tensor, "faces 3"],
    near: float,
    softness: float,
    size: tuple[int, int],
    rasterize: Rasterizer,
) -> Fragments | None:
    """Return what is seen of one object, differentiable in its vertices, or None; faces and owner count from zero.

    The cover falls linearly, from 1 at `softness` inside the outline to 0 at `softness` outside. Where an object hides
    a part of itself it has no outline, so the place of that line has no gradient.

    Args:
        vertices: v = K x_camera = (u z, v z, z).
        faces: Vertex indices.
        near: Faces that reach nearer than this depth are left out [m].
        softness: Half width of the fall [px].
        size: Width and height of the image [px].
        rasterize: Tells what pixel centres see.
    """
    drawn = drawn_faces(vertices, faces, near)
    corners = vertices[faces[drawn]]
    depth = corners[..., 2]
    points = corners[..., :2] / depth[..., None]
    window = Window.around(points, softness, size) if len(drawn) else None
    if window is None:
        return None
    points = points - points.new_tensor(window.corner)
    hits = rasterize(torch.cat([points, depth[..., None]], -1), window.width, window.height)
    face, corner = outline(welded(vertices, faces)[drawn])
    inside = hits.face.reshape(-1) >= 0
    rim = find_rim(points[face, corner], points[face, (corner + 1) % 3], softness, window.size, inside)
    inner = _inner(hits, rim, softness)
    outer = _outer(hits, rim, softness, face, _side_weights(rim, depth[face], corner))
    found = Fragments.joined([inner, outer])
    return Fragments(
        window.in_image(found.pixel, size[0]), drawn[found.face], found.owner,
        found.place + found.place.new_tensor(window.corner), found.weights, found.cover, found.center,
    )  # fmt: skip


def drawn_faces(
    vertices: Float[Tensor, "vertices 3"], faces: Int[Tensor, "faces 3"], near: float
) -> Int[Tensor, "drawn"]:
    """Return the faces that are seen from their front and are wholly behind `near` [m]."""
    corners = vertices.detach()[faces]
    a, b, c = corners.unbind(1)
    front = (torch.linalg.cross(a, b, dim=-1) * c).sum(-1) < 0
    return (front & (corners[..., 2] > near).all(1) & corners.isfinite().all(2).all(1)).nonzero()[:, 0]


def _inner(hits: Hits, rim: Rim, softness: float) -> Fragments:
    """Return the pixels whose centres see the object."""
    height, width = hits.face.shape
    pixel = (hits.face.reshape(-1) >= 0).nonzero()[:, 0]
    weights = hits.weights.reshape(-1, 3)[pixel]
    # A centre that is seen is near the object's end only if a neighbouring one is not seen.
    ending = _ending(hits.face >= 0, softness).reshape(-1)[rim.pixel]
    cover, area = weights.new_ones(height * width), half_plane_area(_signed(rim, 1), rim.normal, softness)
    cover = cover.index_put((rim.pixel[ending],), area[ending])[pixel]
    place = torch.stack([pixel % width, pixel // width], 1).to(weights)
    seen = torch.ones_like(pixel, dtype=torch.bool)
    return Fragments(pixel, hits.face.reshape(-1)[pixel], torch.zeros_like(pixel), place, weights, cover, seen)


def _outer(hits: Hits, rim: Rim, softness: float, face: Tensor, weights: Tensor) -> Fragments:
    """Return the pixels next to the object."""
    out = (hits.face.reshape(-1)[rim.pixel] < 0).nonzero()[:, 0]
    pixel, side = rim.pixel[out], rim.side[out]
    cover = half_plane_area(_signed(rim, -1), rim.normal, softness)[out]
    seen = torch.zeros_like(pixel, dtype=torch.bool)
    return Fragments(pixel, face[side], torch.zeros_like(pixel), rim.place[out], weights[out], cover, seen)


def _signed(rim: Rim, side: int) -> Float[Tensor, "pixels"]:
    """Return the distance inward for pixels that are inside, side 1, or outside, side -1.

    On the outline itself, and just on its wrong side, it is that to the line: the distance has no derivative there.
    """
    usual = (rim.distance > ON_OUTLINE) & (side * rim.inward > 0)
    return torch.where(usual, side * rim.distance, rim.inward)


def _ending(inside: Bool[Tensor, "height width"], softness: float) -> Bool[Tensor, "height width"]:
    """Return which pixels inside have one outside, or beyond the window, within the softness."""
    reach = max(1, -int(-softness // 1))
    outside = pad((~inside)[None, None].float(), [reach] * 4, value=1.0)
    return (max_pool2d(outside, 2 * reach + 1, 1)[0, 0] > 0) & inside


def _side_weights(rim: Rim, depth: Float[Tensor, "sides 3"], corner: Int[Tensor, "sides"]) -> Float[Tensor, "pixels 3"]:
    """Return the weights of the corners of faces at the nearest points of the outline."""
    first = corner[rim.side]
    ends = torch.stack([one_hot(first, 3), one_hot((first + 1) % 3, 3)], 1).to(depth)
    shares = torch.stack([1 - rim.along, rim.along], 1)
    weights = (shares[..., None] * ends).sum(1) / depth[rim.side]
    return weights / weights.sum(1, keepdim=True)
