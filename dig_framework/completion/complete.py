"""All steps of the completion, in order."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.bottom import down_to_floor
from dig_framework.completion.extraction import closed_mesh
from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.free_space import FreeSpace, contradictions, free_space
from dig_framework.completion.isometry import moved, turns
from dig_framework.completion.mirror_search import (
    Credit,
    HiddenExtentPrior,
    MirrorPlane,
    MirrorSearch,
    hidden_end,
)
from dig_framework.completion.sight import sight
from dig_framework.completion.solid import solid
from dig_framework.completion.turn_search import Axis, best_axis
from dig_framework.evidence import Evidence

if TYPE_CHECKING:
    from dig_framework.builtin.shape_completion import SymmetricCompletion

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Completion:
    """A closed mesh in an upright frame."""

    frame: UprightFrame
    vertices: Array
    """In the upright frame [m], shape (n, 3)."""
    faces: NDArray[np.integer]
    uncertainty: float


def complete(evidence: Evidence, settings: SymmetricCompletion) -> Completion:
    """Return the completed surface of one object.

    Raises:
        InputError: If too few points can be trusted, or they leave no volume.
    """
    seen = sight(evidence, settings.erosion, settings.reach)
    frame = seen.frame
    space = free_space(seen.view, seen.surface, frame, 0.003)
    points = _thinned(seen.surface.points, 0.004)
    explanations = _explanations(space, points, settings.decay * seen.width, settings)
    if np.isfinite(space.floor):
        explanations = [
            (weight, down_to_floor(space, cloud, settings.turned_over, settings.carried))
            for weight, cloud in explanations
        ]
    field = solid(space, explanations, settings.resolution, settings.smoothing)
    vertices, faces = closed_mesh(field, settings.triangles)
    vertices[:, 2] = np.maximum(vertices[:, 2], space.floor)
    return Completion(frame, vertices, faces, seen.sigma)


def _explanations(
    space: FreeSpace, points: Array, decay: float, settings: SymmetricCompletion
) -> list[tuple[float, Array]]:
    """Return weighted point sets, each the visible points with their copies under one symmetry."""
    credit = Credit(settings.behind_credit, settings.hidden_credit, settings.violation_cost)
    axis = best_axis(space, _sample(points, 120, settings.seed), credit, decay)
    if axis.violation < settings.turn_violation and axis.overlap > settings.turn_overlap:
        return [(1.0, _revolved(space, points, axis, settings.seed))]
    search = MirrorSearch(space, _sample(points, 220, settings.seed), credit, decay)
    planes = search.best(settings.planes)
    return [
        (
            float(np.exp((plane.score - planes[0].score) / settings.temperature)),
            _mirrored(search, points, plane, settings),
        )
        for plane in planes
    ]


def _revolved(space: FreeSpace, points: Array, axis: Axis, seed: int) -> Array:
    angles = np.arange(1, 24) * 2 * np.pi / 24
    few = _sample(points, 400, seed)
    copies = [_possible(space, moved(turn, few)) for turn in turns(axis.centre[None], angles)[0]]
    return np.concatenate([points, *copies])


def _mirrored(search: MirrorSearch, points: Array, plane: MirrorPlane, settings: SymmetricCompletion) -> Array:
    """Return the points with their image in a plane, and both with theirs in the best plane across it."""
    if plane.score < settings.least_score:
        return points
    both = np.concatenate([points, _possible(search.space, moved(plane.transform(), points))])
    across = plane.yaw + np.pi / 2
    credit = dataclasses.replace(search.credit, hidden=0.8)
    wide = dataclasses.replace(search, points=_sample(both, 260, settings.seed), credit=credit)
    second = hidden_end(wide, both, across, HiddenExtentPrior())
    if second is None:
        again = dataclasses.replace(search, points=_sample(both, 220, settings.seed))
        second = again.best(1, np.array([across]))[0]
    if second.score < settings.least_cross_score:
        return both
    return np.concatenate([both, _possible(search.space, moved(second.transform(), both))])


def _possible(space: FreeSpace, points: Array) -> Array:
    return points[contradictions(space, points) <= 0.003]


def _thinned(points: Array, step: float) -> Array:
    """Return one point in each cube of side `step` [m]."""
    return points[np.unique(np.floor(points / step).astype(int), axis=0, return_index=True)[1]]


def _sample(points: Array, count: int, seed: int) -> Array:
    if len(points) <= count:
        return points
    return points[np.random.default_rng(seed).choice(len(points), count, replace=False)]
