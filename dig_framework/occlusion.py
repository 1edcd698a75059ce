"""Which pixels may hide an object."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.nearest import nearest_known
from dig_framework.observation import Observation
from dig_framework.plane import Plane


def find_occluders(
    observation: Observation,
    masks: Bool[Tensor, "boxes height width"],
    index: int,
    plane: Plane | None,
    noise: SensorNoise,
) -> Bool[Tensor, "height width"]:
    """Return the pixels outside a mask that show something nearer than the masked object would be there.

    The object's depth is carried outwards from the nearest pixel of its mask. What is nearer by more than the noise
    explains and is not the table hides it. A pixel without depth goes with its nearest neighbour that has some, since
    depth is missing mostly at the edges of near things; one of another object's mask goes with that object.
    """
    depth, mask = observation.depth, masks[index]
    measured = depth > 0
    if not (mask & measured).any():
        return torch.zeros_like(mask)
    extended = _extended(depth, mask & measured)
    nearer = depth < extended - 0.005 - 3 * noise.sigma(extended)
    if plane is not None:
        height = plane.height(observation.points)
        nearer &= height > 0.005 + noise.sigma(depth)
    nearer &= measured & ~mask
    known = (measured & ~mask).cpu().numpy()
    if not known.any():
        return nearer
    filled = nearer.cpu().numpy()[nearest_known(known)[1]]
    return torch.as_tensor(filled, device=mask.device) & ~mask


def _extended(
    depth: Float[Tensor, "height width"], known: Bool[Tensor, "height width"]
) -> Float[Tensor, "height width"]:
    """Return depth everywhere: smoothed where known, elsewhere that of the nearest known pixel."""
    from scipy import ndimage

    values, valid = depth.detach().cpu().numpy(), known.cpu().numpy()
    weight = ndimage.uniform_filter(valid.astype(values.dtype), 5)
    smooth = ndimage.uniform_filter(values * valid, 5) / weight.clip(min=0.04)
    return torch.as_tensor(smooth[nearest_known(valid)[1]], dtype=depth.dtype, device=depth.device)
