"""From records of objects to figures with intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from dig_framework.evaluation.measures import MEASURES, Measure
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.metrics.intervals import bootstrap_interval, median, worst_tenth

SEED = 0
"""Of the scenes that the bootstrap draws."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measure over all objects, in SI units."""

    name: str
    count: int
    """Objects that have it."""
    mean: float
    mean_low: float
    """End of the 95 % bootstrap interval over scenes."""
    mean_high: float
    median: float
    median_low: float
    median_high: float
    worst_tenth: float
    """What nine of ten objects do better than."""


@dataclasses.dataclass(frozen=True)
class Summary:
    """What all scenes say together."""

    scenes: int
    """Judged, each once, however many runs of it there are; intervals are over these."""
    skipped: int
    """Could not be judged, because their input or truth is damaged or missing."""
    failed_scenes: int
    """Judged scenes of which the whole run failed."""
    objects: int
    failed_objects: int
    """Count as a failure in every figure."""
    not_asked: int
    """True objects without a box; they count nowhere."""
    light_angle: float | None
    """Mean error of the light's direction over the scenes that know it [rad]."""
    figures: tuple[Figure, ...]


def summarize(records: Sequence[SceneRecord], seed: int = SEED) -> Summary:
    """Return the figures of a set of scenes; measures that no object has are left out."""
    judged = [record for record in records if record.skipped is None]
    objects = [item for record in judged for item in record.objects]
    angles = [record.light_angle for record in judged if record.light_angle is not None]
    figures = [_figure(measure, objects, seed) for measure in MEASURES]
    return Summary(
        scenes=len({record.name for record in judged}),
        skipped=len(records) - len(judged),
        failed_scenes=sum(record.failure is not None for record in judged),
        objects=len(objects),
        failed_objects=sum(item.failure is not None for item in objects),
        not_asked=sum(record.not_asked for record in judged),
        light_angle=sum(angles) / len(angles) if angles else None,
        figures=tuple(figure for figure in figures if figure is not None),
    )


def scene_means(record: SceneRecord) -> dict[str, float | None]:
    """Return the mean of each measure over the objects of a scene that have it."""
    result: dict[str, float | None] = {}
    for measure in MEASURES:
        values = known(record.objects, measure)
        result[measure.name] = sum(values) / len(values) if values else None
    return result


def by_label(records: Sequence[SceneRecord]) -> dict[str, list[ObjectRecord]]:
    """Return the objects of all scenes by what they are called, in order of the alphabet."""
    found: dict[str, list[ObjectRecord]] = {}
    for record in records:
        for item in record.objects:
            found.setdefault(item.label, []).append(item)
    return dict(sorted(found.items()))


def known(objects: Sequence[ObjectRecord], measure: Measure) -> list[float]:
    """Return the values of the objects that have a measure."""
    values = (item.values.get(measure.name) for item in objects)
    return [float(value) for value in values if value is not None]


def _figure(measure: Measure, objects: Sequence[ObjectRecord], seed: int) -> Figure | None:
    values = known(objects, measure)
    if not values:
        return None
    scenes = [item.scene for item in objects if item.values.get(measure.name) is not None]
    of_mean = bootstrap_interval(values, scenes, seed)
    of_median = bootstrap_interval(values, scenes, seed, median)
    middle, tenth = median(np.asarray(values)), worst_tenth(values, measure.higher_is_better)
    return Figure(measure.name, len(values), sum(values) / len(values), *of_mean, middle, *of_median, tenth)
