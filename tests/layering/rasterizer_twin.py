"""The question of layers, put to the framework's own primitives."""

import torch

import dig_framework.raster as primitives
from dig_framework.layering.rasterizer import Hits


def nearest_faces(corners, width, height):
    u, v, z = corners.reshape(-1, 3).unbind(1)
    # The first row is the lowest in clip space, as it is the first that comes back.
    clip = torch.stack([((2 * u + 1) / width - 1) * z, ((2 * v + 1) / height - 1) * z, z - 0.002, z], 1)
    triangles = torch.arange(len(u), dtype=torch.int32).view(-1, 3)
    context = primitives.RasterizeContext()
    found, _ = primitives.rasterize(context, clip[None], triangles, (height, width), grad_db=False)
    weights = torch.stack([found[0, ..., 0], found[0, ..., 1], 1 - found[0, ..., 0] - found[0, ..., 1]], -1)
    return Hits(found[0, ..., 3].detach().long() - 1, weights)
