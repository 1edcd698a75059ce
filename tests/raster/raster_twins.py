"""Slow twins of the kernels: torch and plain loops, differentiable by autograd."""

import math

import torch
from torch import Tensor


def cross(a: Tensor, b: Tensor) -> Tensor:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def weights_at(corners: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return u, v and z/w of a triangle [3, 4] at points in normalised coordinates."""
    at = torch.stack([x, y], -1)
    q = [corners[k, :2] - at * corners[k, 3] for k in range(3)]
    a = torch.stack([cross(q[1], q[2]), cross(q[2], q[0]), cross(q[0], q[1])])
    u, v = a[0] / a.sum(0), a[1] / a.sum(0)
    depth = torch.einsum("k,k...->...", corners[:, 2], a) / torch.einsum("k,k...->...", corners[:, 3], a)
    return u, v, depth


def covers(corners: Tensor, height: int, width: int) -> Tensor:
    """Return which pixel centres a triangle in front of the camera covers once snapped [height, width]."""
    size = torch.tensor([width, height], dtype=torch.float64)
    grid = torch.round((corners[:, :2] / corners[:, 3:] + 1) * size * 8).long()
    if cross(grid[1] - grid[0], grid[2] - grid[0]) < 0:
        grid = grid.flip(0)
    y, x = torch.meshgrid(torch.arange(height) * 16 + 8, torch.arange(width) * 16 + 8, indexing="ij")
    centers = torch.stack([x, y], -1)
    inside = torch.ones(height, width, dtype=torch.bool)
    if cross(grid[1] - grid[0], grid[2] - grid[0]) == 0:
        return ~inside
    for k in range(3):
        edge = grid[(k + 1) % 3] - grid[k]
        value = cross(edge, centers - grid[k])
        owned = edge[1] < 0 or (edge[1] == 0 and edge[0] < 0)
        inside &= (value > 0) | ((value == 0) & bool(owned))
    return inside


def twin_rasterize(pos: Tensor, tri: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return what `rasterize` returns for triangles that need no clipping."""
    y, x = torch.meshgrid(
        (2 * torch.arange(height, dtype=pos.dtype) + 1) / height - 1,
        (2 * torch.arange(width, dtype=pos.dtype) + 1) / width - 1,
        indexing="ij",
    )
    images, image_slopes = [], []
    for n in range(len(pos)):
        rast, slopes = pos.new_zeros(height, width, 4), pos.new_zeros(height, width, 4)
        nearest = torch.full((height, width), 2**31)
        for number, face in enumerate(tri.long()):
            corners = pos[n, face]
            x_leaf, y_leaf = x.clone().requires_grad_(), y.clone().requires_grad_()
            u, v, depth = weights_at(corners, x_leaf, y_leaf)
            parts = []
            for weight in (u, v):
                along = torch.autograd.grad(weight.sum(), (x_leaf, y_leaf), create_graph=True)
                parts += [along[0] * 2 / width, along[1] * 2 / height]
            steps = torch.round(depth.detach().clamp(-1, 1) * 2**30).long()
            wins = covers(corners.detach(), height, width) & (steps < nearest)
            u, v = u.clamp(0, 1), v.clamp(0, 1)
            total = (u + v).clamp(min=1)
            drawn = torch.stack([u / total, v / total, depth.detach().clamp(-1, 1), torch.full_like(u, number + 1)], -1)
            rast = torch.where(wins[..., None], drawn, rast)
            slopes = torch.where(wins[..., None], torch.stack(parts, -1), slopes)
            nearest = torch.where(wins, steps, nearest)
        images.append(rast)
        image_slopes.append(slopes)
    return torch.stack(images), torch.stack(image_slopes)


def twin_interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, slopes: Tensor, listed: list[int]
) -> tuple[Tensor, Tensor]:
    """Return what `interpolate` returns for indices that exist."""
    seen = rast[..., 3] > 0
    face = tri.long()[(rast[..., 3].long() - 1).clamp(min=0)]
    images = (
        torch.arange(len(rast))[:, None, None, None] if len(attr) > 1 else torch.zeros(1, 1, 1, 1, dtype=torch.long)
    )
    corners = attr[images, face]  # [N, H, W, 3, A]
    u, v = rast[..., 0:1], rast[..., 1:2]
    out = u * corners[..., 0, :] + v * corners[..., 1, :] + (1 - u - v) * corners[..., 2, :]
    along_u, along_v = corners[..., 0, :] - corners[..., 2, :], corners[..., 1, :] - corners[..., 2, :]
    along_x = slopes[..., 0:1] * along_u + slopes[..., 2:3] * along_v
    along_y = slopes[..., 1:2] * along_u + slopes[..., 3:4] * along_v
    out_slopes = torch.stack([along_x[..., listed], along_y[..., listed]], -1).flatten(-2)
    return torch.where(seen[..., None], out, 0.0), torch.where(seen[..., None], out_slopes, 0.0)


def twin_antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor) -> Tensor:
    """Return what `antialias` returns for meshes in front of the camera."""
    n, height, width = color.shape[:3]
    size = torch.tensor([width, height], dtype=pos.dtype)
    pixels = (pos[..., :2] / pos[..., 3:] + 1) * size / 2 - 0.5
    out = {}
    for i in range(n):
        for y in range(height):
            for x in range(width):
                for axis, (next_x, next_y) in enumerate([(x + 1, y), (x, y + 1)]):
                    if next_x < width and next_y < height:
                        _blend_pair(color, rast, pixels, tri, i, (x, y), (next_x, next_y), axis, out)
    rows = [
        [[color[i, y, x] + sum(out.get((i, x, y), [])) for x in range(width)] for y in range(height)] for i in range(n)
    ]
    return torch.stack([torch.stack([torch.stack(row) for row in image]) for image in rows])


def _blend_pair(color, rast, pixels, tri, i, here, there, axis, out):
    (id_here, z_here), (id_there, z_there) = (
        (int(rast[i, y, x, 3]), float(rast[i, y, x, 2])) for x, y in (here, there)
    )
    if id_here == id_there:
        return
    own, other, number = here, there, id_here
    if id_here == 0 or (id_there > 0 and z_there < z_here):
        own, other, number = there, here, id_there
    distance = _last_crossing(pixels[i], tri, number - 1, own, other, axis)
    if distance is None:
        return
    into, source = (own, other) if distance <= 0.5 else (other, own)
    alpha = (distance - 0.5).abs().clamp(max=0.5)
    spilt = alpha * (color[i, source[1], source[0]] - color[i, into[1], into[0]])
    out.setdefault((i, *into), []).append(spilt)


def _last_crossing(pixels, tri, face, own, other, axis):
    center = torch.tensor(own, dtype=pixels.dtype)
    step = (other[0] - own[0]) + (other[1] - own[1])
    best = None
    for k in range(3):
        own_vertex, *ends = (int(tri[face, (k + j) % 3]) for j in range(3))
        a, b = pixels[ends[0]] - center, pixels[ends[1]] - center
        edge = b - a
        if edge[1 - axis].abs() < edge[axis].abs() or (a[1 - axis] < 0) == (b[1 - axis] < 0):
            continue
        distance = step * (a[axis] - a[1 - axis] * edge[axis] / edge[1 - axis])
        if not -1 / 16 <= distance <= 1 + 1 / 16 or (best is not None and distance <= best):
            continue
        others = {int(v) for f in tri.tolist() if set(ends) <= set(f) for v in f} - {*ends, own_vertex}
        if others:
            sides = [cross(edge, pixels[v] - center - a) for v in (own_vertex, min(others))]
            if sides[0] * sides[1] < 0:
                continue
        best = distance
    return best


def twin_texture(tex: Tensor, uv: Tensor, slopes: Tensor | None, bias: Tensor | None, boundary: str) -> Tensor:
    """Return trilinear (with slopes or bias) or bilinear samples of a 2D texture, sample by sample."""
    pyramid = [tex]
    while max(pyramid[-1].shape[1:3]) > 1:
        n, h, w, c = pyramid[-1].shape
        rows, columns = min(h, 2), min(w, 2)
        pyramid.append(pyramid[-1].reshape(n, h // rows, rows, w // columns, columns, c).mean((2, 4)))
    out = []
    for i in range(len(uv)):
        image = i if len(tex) > 1 else 0
        for y in range(uv.shape[1]):
            for x in range(uv.shape[2]):
                level = torch.zeros((), dtype=tex.dtype)
                if slopes is not None:
                    sides = torch.tensor([[tex.shape[2]], [tex.shape[1]]], dtype=tex.dtype)
                    jacobian = slopes[i, y, x].reshape(2, 2) * sides
                    level = torch.log2(torch.linalg.matrix_norm(jacobian, 2))
                if bias is not None:
                    level = level + bias[i, y, x]
                level = level.clamp(0, len(pyramid) - 1)
                low = min(math.floor(level.detach()), len(pyramid) - 1)
                high = min(low + 1, len(pyramid) - 1)
                share = level - low
                parts = [_bilinear(pyramid[k][image], uv[i, y, x], boundary) for k in (low, high)]
                out.append((1 - share) * parts[0] + share * parts[1])
    return torch.stack(out).reshape(*uv.shape[:3], tex.shape[-1])


def _bilinear(tex: Tensor, uv: Tensor, boundary: str) -> Tensor:
    height, width = tex.shape[:2]
    x, y = uv[0] * width - 0.5, uv[1] * height - 0.5
    if boundary == "clamp":
        x, y = x.clamp(0, width - 1), y.clamp(0, height - 1)
    total = torch.zeros(tex.shape[2], dtype=tex.dtype)
    for i in (math.floor(x.detach()), math.floor(x.detach()) + 1):
        for j in (math.floor(y.detach()), math.floor(y.detach()) + 1):
            weight = (1 - (x - i).abs()) * (1 - (y - j).abs())
            if boundary == "wrap":
                total = total + weight * tex[j % height, i % width]
            elif boundary == "clamp":
                total = total + weight * tex[min(j, height - 1), min(i, width - 1)]
            elif 0 <= i < width and 0 <= j < height:
                total = total + weight * tex[j, i]
    return total
