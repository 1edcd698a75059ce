"""A rasteriser that compares every pixel with every face."""

import torch

from dig_framework.layering.rasterizer import Hits


def nearest_faces(corners, width, height):
    v, u = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    places = torch.stack([u, v], -1).reshape(-1, 2).to(corners)
    with torch.no_grad():
        flat = flat_weights(corners[None], places[:, None])
        inverse = (flat / corners[..., 2]).sum(-1).where((flat >= -1e-9).all(-1), -torch.inf)
        nearest, face = inverse.max(1)
    weights = flat_weights(corners[face], places) / corners[face][..., 2]
    weights = weights / weights.sum(-1, keepdim=True)
    return Hits(face.where(nearest > -torch.inf, -1).view(height, width), weights.view(height, width, 3))


def flat_weights(corners, places):
    a, b, c = (corners[..., k, :2] - places for k in range(3))
    areas = torch.stack([cross(b, c), cross(c, a), cross(a, b)], -1)
    return areas / areas.sum(-1, keepdim=True)


def cross(a, b):
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
