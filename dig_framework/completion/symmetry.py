"""Explaining the unseen side by mirror planes or an axis of revolution."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import HIDDEN, OBJECT, FreeSpace, contradictions
from dig_framework.completion.isometry import composed, moved, turns
from dig_framework.completion.mirror_search import Credit, HiddenExtentPrior, MirrorPlane, MirrorSearch, hidden_end
from dig_framework.completion.prism import Prism
from dig_framework.completion.prism_search import best_prism
from dig_framework.completion.turn_search import Axis, best_axis

if TYPE_CHECKING:
    from dig_framework.builtin.shape_completion import SymmetricCompletion

Array = NDArray[np.floating]

POSSIBLE = 0.003
"""A point that contradicts the image by more is not added [m]."""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """Points that an object would have if a symmetry held."""

    weight: float
    """How credible it is, relative to the best one."""
    points: Array
    """Visible points and their copies in the upright frame [m], shape (n, 3)."""
    isometries: Array
    """Mirrors and turns under which the object would be itself, shape (k, 3, 4)."""
    prism: Prism | None = None
    """The prism that it is, if it is one; the points are all over its surface then, down to the floor."""


def explanations(space: FreeSpace, points: Array, settings: SymmetricCompletion, seed: int) -> list[Explanation]:
    """Return the visible points (n, 3) with what each credible explanation adds to them.

    A prism that explains what is seen of an object behind an occluder is the only explanation, since it alone says
    where the hidden end is. Elsewhere it and the symmetries are believed as much as each other: edges that are rounder
    than a prism's are in the copies of visible points.
    """
    prism = _prism(space, points, settings, seed)
    if prism is None:
        return symmetries(space, points, settings, seed)
    whole = Explanation(1.0, np.concatenate([points, prism.surface(16)]), np.empty((0, 3, 4)), prism)
    if borders_on_occluder(space):
        return [whole]
    others = [item for item in symmetries(space, points, settings, seed) if len(item.isometries)]
    total = sum(item.weight for item in others)
    return [whole, *(dataclasses.replace(item, weight=item.weight / total) for item in others)]


def borders_on_occluder(space: FreeSpace) -> bool:
    """Whether something hides a part of the object, or the image ends there."""
    from scipy import ndimage

    around = np.asarray(ndimage.binary_dilation(space.label == OBJECT, iterations=2))
    return bool((around & (space.label == HIDDEN)).any())


def symmetries(space: FreeSpace, points: Array, settings: SymmetricCompletion, seed: int) -> list[Explanation]:
    """Return the visible points (n, 3) with their copies under each credible symmetry.

    An object of revolution has one explanation, and one without credible symmetry its visible points alone.
    """
    credit = Credit(settings.behind_credit, settings.hidden_credit, settings.violation_cost)
    axis = best_axis(space, sample(points, 120, seed), credit)
    if axis.violation < settings.turn_violation and axis.overlap > settings.turn_overlap:
        return [_revolved(space, points, axis, seed)]
    search = MirrorSearch(space, sample(points, 220, seed), credit)
    planes = [plane for plane in search.best(settings.planes) if _credible(plane, settings.least_score, settings)]
    if not planes:
        return [Explanation(1.0, points, np.empty((0, 3, 4)))]
    weights = np.exp([(plane.score - planes[0].score) / settings.temperature for plane in planes])
    return [
        _mirrored(search, points, plane, float(weight), settings, seed)
        for weight, plane in zip(weights, planes, strict=True)
    ]


def _prism(space: FreeSpace, points: Array, settings: SymmetricCompletion, seed: int) -> Prism | None:
    """Return the prism that explains the points, if one does."""
    if not (settings.prisms and np.isfinite(space.floor)):
        return None
    fit = best_prism(space, sample(points, 250, seed), settings.prism_tolerance)
    explains = fit.explained >= settings.prism_explained and fit.violation <= settings.prism_violation
    return fit.prism if explains else None


def _credible(plane: MirrorPlane, least_score: float, settings: SymmetricCompletion) -> bool:
    return plane.score >= least_score and plane.violation <= settings.mirror_violation


def _revolved(space: FreeSpace, points: Array, axis: Axis, seed: int) -> Explanation:
    around = turns(axis.centre[None], np.arange(1, 24) * 2 * np.pi / 24)[0]
    few = sample(points, 400, seed)
    copies = [_possible(space, moved(turn, few)) for turn in around]
    return Explanation(1.0, np.concatenate([points, *copies]), around)


def _mirrored(
    search: MirrorSearch, points: Array, plane: MirrorPlane, weight: float, settings: SymmetricCompletion, seed: int
) -> Explanation:
    """Return the points with their image in a plane, and both with theirs in a credible plane across it.

    A plane at an end that an occluder hides is a guess of the extent and takes nothing away, so it is no isometry.
    """
    first = plane.transform()
    both = np.concatenate([points, _possible(search.space, moved(first, points))])
    across = plane.yaw + np.pi / 2
    credit = dataclasses.replace(search.credit, hidden=0.8)
    wide = dataclasses.replace(search, points=sample(both, 260, seed), credit=credit)
    second = hidden_end(wide, both, across, HiddenExtentPrior())
    isometries = [first]
    if second is None:
        again = dataclasses.replace(search, points=sample(both, 220, seed))
        second = again.best(1, np.array([across]))[0]
        isometries += [second.transform(), composed(second.transform(), first)]
    if not _credible(second, settings.least_cross_score, settings):
        return Explanation(weight, both, first[None])
    points = np.concatenate([both, _possible(search.space, moved(second.transform(), both))])
    return Explanation(weight, points, np.stack(isometries))


def _possible(space: FreeSpace, points: Array) -> Array:
    return points[contradictions(space, points) <= POSSIBLE]


def thinned(points: Array, step: float) -> Array:
    """Return one point in each cube of side `step` [m]."""
    return points[np.unique(np.floor(points / step).astype(int), axis=0, return_index=True)[1]]


def sample(points: Array, count: int, seed: int) -> Array:
    """Return at most `count` of the points, chosen by chance."""
    if len(points) <= count:
        return points
    return points[np.random.default_rng(seed).choice(len(points), count, replace=False)]
