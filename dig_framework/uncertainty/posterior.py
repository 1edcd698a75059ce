"""What a surface may be besides the best one, given an image."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, contradictions, free_space
from dig_framework.completion.sight import sight
from dig_framework.evidence import Evidence
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.shape_posterior import ShapePosterior
from dig_framework.uncertainty.allowed import allowed
from dig_framework.uncertainty.draws import Draws
from dig_framework.uncertainty.failure import failure_probability, failure_signs
from dig_framework.uncertainty.hidden_ends import hidden_ends
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.surface import Surface
from dig_framework.uncertainty.witnesses import witnesses

Array = NDArray[np.floating]

EROSION, REACH, TOLERANCE = 1, 4, 0.003
"""How the visible surface is cleaned [px], and what noise explains [m]."""
FEW = 300
"""Vertices by which draws are compared with the image."""
MANY = 48
"""Draws from which deviations are taken."""


def shape_posterior(
    evidence: Evidence, mesh: Mesh, pose: Pose, settings: UncertaintySettings, seed: int
) -> ShapePosterior:
    """Return what an object may be besides a mesh that explains the image.

    Displacements quadratic in place are drawn from the Laplace approximation around the mesh, and lengths of ends that
    an occluder hides from their own posterior. Draws that the image contradicts count less, and no vertex of a sample
    lies where the image shows free space or in front of the visible surface unless the mesh does.

    Args:
        evidence: What the image says about the object.
        mesh: The best one, closed, in the object's frame [m].
        pose: Of it in the scene.
        settings: Of spreads, and how many samples.
        seed: Of the draws.

    Raises:
        InputError: If too few points can be trusted.
    """
    seen = sight(evidence, EROSION, REACH)
    settings = settings.model_copy(update={"surface": math.hypot(settings.surface, seen.sigma)})
    space = free_space(seen.view, seen.surface, seen.frame, TOLERANCE)
    space = space._replace(floor=space.floor - settings.table)
    matrix = pose.to("cpu", torch.float64).matrix().numpy()
    surface = Surface.of(mesh, seen, matrix)
    found = witnesses(space, surface.vertices, surface.normals)
    ends = hidden_ends(space, surface.vertices, seen.surface.points, settings)
    draws = Draws.of(surface, found, ends, settings, np.random.default_rng(seed))
    weights = _weights(space, surface, draws, settings)
    return _summary(space, surface, draws, weights, settings.samples, mesh)


def _weights(space: FreeSpace, surface: Surface, draws: Draws, settings: UncertaintySettings) -> Array:
    """Return how much each draw is believed, by its mean contradiction with the image beyond that of the surface.

    Lengths of hidden ends were drawn by theirs already.
    """
    few = surface.vertices[:: max(1, len(surface.vertices) // FEW)]
    before = np.minimum(contradictions(space, np.ascontiguousarray(few)), 0.015).mean()
    moved = (few + draws.seen(few)).reshape(-1, 3)
    wrong = np.minimum(contradictions(space, np.ascontiguousarray(moved)), 0.015).reshape(-1, len(few)).mean(1)
    weights = np.exp(-np.maximum(wrong - before, 0.0) / 0.01 / settings.reject)
    return weights / weights.sum()


def _summary(
    space: FreeSpace,
    surface: Surface,
    draws: Draws,
    weights: Array,
    samples: int,
    mesh: Mesh,
) -> ShapePosterior:
    outer = surface.vertices[_outermost(surface)]
    changed = allowed(space, outer, draws.whole(outer)) @ surface.upright_from_object
    local = outer @ surface.upright_from_object
    low, high = (local + changed).min(1), (local + changed).max(1)
    extents = (high - low) - (local.max(0) - local.min(0))
    centres = (high + low) / 2 - (local.max(0) + local.min(0)) / 2
    kept, shares = _kept(weights, samples)
    deviation = _deviation(space, surface, draws, weights)
    offsets = allowed(space, surface.vertices, draws.some(kept).whole(surface.vertices)) @ surface.upright_from_object
    signs = failure_signs(surface.vertices, surface.areas, surface.normals, deviation)
    like = mesh.vertices.detach()
    return ShapePosterior(
        offsets=torch.as_tensor(offsets).to(like),
        weights=torch.as_tensor(shares).to(like),
        deviation=torch.as_tensor(deviation).to(like),
        extent_change=torch.as_tensor(_interval(extents, weights)).to(like),
        centre_change=torch.as_tensor(_interval(centres, weights)).to(like),
        yaw_change=torch.as_tensor(_interval(draws.yaws[:, None], weights)[:, 0]).to(like),
        failure=failure_probability(*signs),
    )


def _deviation(space: FreeSpace, surface: Surface, draws: Draws, weights: Array) -> Array:
    """Return the root mean square move of each vertex along its normal [m]."""
    shares = weights[:MANY] / weights[:MANY].sum()
    moved = allowed(space, surface.vertices, draws.some(slice(MANY)).whole(surface.vertices))
    return np.sqrt(shares @ (moved * surface.normals).sum(-1) ** 2)


def _outermost(surface: Surface) -> NDArray[np.integer]:
    """Return the vertices of the convex hull, which alone can bound a displaced surface."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return ConvexHull(surface.vertices).vertices
    except QhullError:
        return np.arange(len(surface.vertices))


def _kept(weights: Array, count: int) -> tuple[NDArray[np.integer], Array]:
    """Return draws that stand for equal shares of the belief, without repetition, and their weights."""
    total = np.cumsum(weights)
    chosen = np.searchsorted(total, (np.arange(count) + 0.5) / count * total[-1])
    names, counts = np.unique(np.minimum(chosen, len(weights) - 1), return_counts=True)
    return names, counts / counts.sum()


def _interval(values: Array, weights: Array) -> Array:
    """Return the 5 % and 95 % quantiles of values (draws, k), shape (2, k)."""
    result = np.empty((2, values.shape[1]))
    for k, column in enumerate(values.T):
        order = np.argsort(column)
        total = np.cumsum(weights[order])
        result[:, k] = np.interp((0.05, 0.95), total - weights[order] / 2, column[order])
    return result
