"""Masks that do not overlap."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.observation import Observation


def disjoint_masks(
    masks: Bool[Tensor, "boxes height width"], observation: Observation
) -> Bool[Tensor, "boxes height width"]:
    """Return the masks with each contested pixel left to one of its claimants.

    It goes to the mask whose uncontested measured points are nearest to it in space; a pixel without depth to the mask
    whose uncontested pixels are nearest in the image. A mask without uncontested pixels lies within others and wins
    against them; among such, and among equals, the smaller mask wins.
    """
    contested = masks.sum(0) > 1
    if not bool(contested.any()):
        return masks
    points = observation.camera.unproject(observation.depth)
    measured = observation.depth > 0
    places = contested.nonzero()
    distances = torch.full((len(masks), len(places)), torch.inf, dtype=torch.float64)
    for index, mask in enumerate(masks):
        asking = mask[contested]
        seen, blind = asking & measured[contested], asking & ~measured[contested]
        alone = mask & ~contested
        distances[index, seen] = _distances(points[contested][seen], points[alone & measured])
        distances[index, blind] = _distances(places[blind].double(), alone.nonzero().double())
    order = masks.sum((1, 2)).argsort()
    owner = order[distances[order].argmin(0)]
    result = masks & ~contested
    result[owner, places[:, 0], places[:, 1]] = True
    return result


def _distances(asked: Float[Tensor, "asked axes"], known: Float[Tensor, "known axes"]) -> Float[Tensor, "asked"]:
    from scipy.spatial import KDTree

    if len(asked) == 0 or len(known) == 0:
        return torch.zeros(len(asked), dtype=torch.float64)
    return torch.as_tensor(KDTree(known.double().numpy()).query(asked.double().numpy())[0])
