"""A small stand-in for `kaolin.render.mesh`, written from its documentation; unlike Kaolin's it runs on the CPU.

The image is from -1 to 1 on both sides, x right and y up; row 0 is the upper one. Features are interpolated linearly in
the image, and so is z, of which the greatest is seen.
"""

import torch

import dig_framework.raster as primitives


def rasterize(height, width, face_vertices_z, face_vertices_image, face_features):
    assert face_vertices_z.shape[:2] == face_vertices_image.shape[:2] == face_features.shape[:2]
    assert face_vertices_z.is_contiguous()
    assert face_features.is_contiguous()
    value = face_vertices_z.reshape(-1)
    x, y = face_vertices_image.reshape(-1, 2).unbind(1)
    # Without division by depth, as all have w = 1; there the least z is seen.
    clip = torch.stack([x, y, -value / (2 * value.abs().max()), torch.ones_like(x)], 1)
    triangles = torch.arange(len(x), dtype=torch.int32).view(-1, 3)
    context = primitives.RasterizeContext()
    found, _ = primitives.rasterize(context, clip[None], triangles, (height, width), grad_db=False)
    upright = found.flip(1)
    face = upright[..., 3].detach().long() - 1
    weights = torch.stack([upright[..., 0], upright[..., 1], 1 - upright[..., 0] - upright[..., 1]], -1)
    features = (weights[..., None] * face_features[0][face]).sum(-2)
    return features.where(face[..., None] >= 0, 0.0), face
