"""Images by shading models in plain torch: slower than the kernels, but open to any model, textures and shadows."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.rendering.composition import Samples, composed, masks_of, samples_of
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.seen import Frame, Seen, look
from dig_framework.rendering.surface_samples import SurfaceSamples, surface_samples
from dig_framework.shading.model import ShadingModel


def draw_deferred(
    tensors: SceneTensors, frame: Frame, model: ShadingModel, shadows: bool = False
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return colour, depth [m], masks and ids as `draw` does, differentiable in every tensor and texture.

    Args:
        tensors: What is drawn.
        frame: What else.
        model: How surfaces reflect light.
        shadows: Whether objects keep light from each other and from the plane.
    """
    seen = look_at(tensors, frame)
    samples = samples_of(seen, frame, tensors)
    found = sample_surfaces(samples, tensors, frame)
    arriving = None
    if shadows:
        from dig_framework.rendering.shadow_maps import arriving_light

        arriving = arriving_light(found.surface.points, tensors, frame)
    color = model(found.surface, tensors.light_table(), arriving)
    background = torch.from_numpy(frame.background).to(color)
    if not frame.plane_shown:
        color = color.where((samples.owner < frame.objects)[:, None], background)
    values = torch.cat([color, found.depth[:, None]], 1)
    images = composed(samples, values, torch.cat([background, background.new_zeros(1)]), frame)
    return images[..., :3], images[..., 3], masks_of(samples, frame), torch.from_numpy(seen.visible.ids)


def draw_normals(tensors: SceneTensors, frame: Frame) -> Float[Tensor, "height width 3"]:
    """Return unit normals at pixel centres in the camera's frame, zero where nothing is hit; differentiable."""
    samples = samples_of(look_at(tensors, dataclasses.replace(frame, topology=None)), frame, tensors)
    normals = sample_surfaces(samples, tensors, frame).surface.normals
    return composed(samples, normals, normals.new_zeros(3), frame)


def look_at(tensors: SceneTensors, frame: Frame) -> Seen:
    """Return what is seen of the tensors' present values."""
    vertices, plane = (part.detach().double().contiguous().numpy() for part in (tensors.vertices, tensors.plane))
    return look(vertices, plane, frame)


def sample_surfaces(samples: Samples, tensors: SceneTensors, frame: Frame) -> SurfaceSamples:
    """Return what surfaces are like at samples; differentiable."""
    rays = torch.from_numpy(frame.camera_from_pixel).to(tensors.vertices)
    return surface_samples(tensors, samples.face, samples.owner, samples.pixels, samples.weights, rays)
