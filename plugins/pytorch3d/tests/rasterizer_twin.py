"""A small stand-in for the part of PyTorch3D that the plugin uses, written from its documentation.

Coordinates are x left and y up, with square pixels and the shorter side of the image 2 long; row 0 is the upper one.
"""

import torch

import dig_framework.raster as primitives


class Meshes:
    def __init__(self, verts, faces):
        (self.verts,), (self.faces,) = verts, faces


def rasterize_meshes(
    meshes,
    image_size,
    blur_radius,
    faces_per_pixel,
    bin_size,
    max_faces_per_bin,
    perspective_correct,
    clip_barycentric_coords,
):
    assert faces_per_pixel == 1
    assert perspective_correct
    assert clip_barycentric_coords
    assert 0 < blur_radius < 1e-4
    del bin_size, max_faces_per_bin
    height, width = image_size
    short = min(image_size)
    x, y, z = meshes.verts.unbind(1)
    # In clip space x is right, and both sides are 2 long.
    clip = torch.stack([-x * short / width * z, y * short / height * z, z - 0.002, z], 1)
    context = primitives.RasterizeContext()
    found, _ = primitives.rasterize(context, clip[None], meshes.faces.int(), image_size, grad_db=False)
    upright = found.flip(1)
    face = upright[..., 3].detach().long() - 1
    weights = torch.stack([upright[..., 0], upright[..., 1], 1 - upright[..., 0] - upright[..., 1]], -1)
    depth = (weights * z[meshes.faces[face]]).sum(-1)
    return face[..., None], depth[..., None], weights[..., None, :], torch.zeros_like(depth)[..., None]
