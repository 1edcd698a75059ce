"""Every measure of one reconstructed object."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from dig_framework.evaluation.measures import MEASURES, Measure
from dig_framework.metrics.closedness import is_watertight
from dig_framework.metrics.contact import object_penetration, support_gap, table_penetration
from dig_framework.metrics.hidden import hidden_completeness, seen_from_camera, visible_completeness
from dig_framework.metrics.self_intersection import self_intersections
from dig_framework.metrics.surface import Surface, box_diagonal
from dig_framework.metrics.surface_distance import center_distance, surface_distances
from dig_framework.metrics.volume import volume_iou
from dig_framework.plane import Plane

CLOSE = 0.02
"""Two-way distance, as a share of the diameter, below which an object counts as met."""

GOOD = 0.05
"""Chamfer distance, as a share of the smallest box's diagonal, below which an object counts as good."""

Values = dict[str, float | None]


@dataclasses.dataclass(frozen=True)
class TrueShape:
    """A true object with what all of its scores need."""

    surface: Surface
    """In the camera's frame [m]."""
    diameter: float
    """[m]"""


def shape_scores(truth: TrueShape, guess: Surface) -> Values:
    """Return how near a posed reconstruction is to the posed truth; nothing is aligned."""
    distances = surface_distances(truth.surface, guess)
    seen = seen_from_camera(distances.truth, [truth.surface])
    chamfer, two_way = distances.chamfer(), distances.two_way(truth.diameter)
    return {
        "chamfer": chamfer,
        "fscore": distances.fscore(),
        "iou": volume_iou(truth.surface, guess),
        "two_way": two_way,
        "close": float(two_way < CLOSE),
        "hidden": hidden_completeness(distances.to_guess, seen),
        "visible": visible_completeness(distances.to_guess, seen),
        "accuracy": distances.accuracy(),
        "completeness": distances.completeness(),
        "center": center_distance(truth.surface, guess),
        "good": float(_is_good(chamfer, truth)),
    }


def physics_scores(guess: Surface, others: Sequence[Surface], plane: Plane | None) -> Values:
    """Return whether a reconstruction could stand there as it is; heights only where the plane is known."""
    into = object_penetration(guess, others)
    below = None if plane is None else table_penetration(guess, plane)
    return {
        "penetration": into.largest,
        "penetration_mean": into.mean,
        "table_penetration": None if below is None else below.largest,
        "table_penetration_mean": None if below is None else below.mean,
        "support_gap": None if plane is None else support_gap(guess, plane, others),
        "watertight": float(is_watertight(guess)),
        "self_intersections": float(self_intersections(guess)),
    }


def failure_scores(truth: TrueShape) -> Values:
    """Return what an object counts that was not recovered."""
    length = box_diagonal(truth.surface) / 2
    return {measure.name: _failure(measure, length) for measure in MEASURES}


def _failure(measure: Measure, length: float) -> float | None:
    named = {"length": length, "share": 0.5, "none": None}
    return named[measure.failure] if isinstance(measure.failure, str) else measure.failure


def _is_good(chamfer: float, truth: TrueShape) -> bool:
    # The box's diagonal is between one and sqrt(3) diameters, and takes longer to find than to bound.
    if chamfer < GOOD * truth.diameter or chamfer >= GOOD * math.sqrt(3) * truth.diameter:
        return chamfer < GOOD * truth.diameter
    return chamfer < GOOD * box_diagonal(truth.surface)


def finite(values: Values) -> Values:
    """Return values with None for what is no number."""
    return {name: None if value is None or not np.isfinite(value) else value for name, value in values.items()}
