"""Tables of the benchmark of reconstruction: one row a method and stage, lengths in millimetres."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from statistics import fmean, median

from dig_framework.bench.reconstruction_conditions import Condition
from dig_framework.bench.reconstruction_pose import SHIFT, TURN
from dig_framework.bench.reconstruction_runs import Judged
from dig_framework.bench.table import Cell, Table
from dig_framework.evaluation.records import ObjectRecord
from dig_framework.evaluation.summary import Figure, summarize
from dig_framework.metrics.intervals import bootstrap_interval

Rows = Mapping[str, Sequence[Judged]]
"""What was judged, by method and stage."""

_FEWEST = 3
"""Scenes without which no interval says anything."""

SHAPE_NOTE = (
    "Means over objects; 95 % intervals by a bootstrap over scenes; p10 is the worst tenth. Objects that were not "
    "recovered count as the worst. Seconds an image after the masks, up to the stage."
)


def row_name(item: Judged, stages: int) -> str:
    """Return how a row is called."""
    return item.method if stages == 1 else f"{item.method}, {item.stage}"


def figures_of(judged: Sequence[Judged]) -> dict[str, Figure]:
    """Return the figures of one row by measure; intervals are over groups."""
    records = [
        dataclasses.replace(
            item.record, objects=tuple(dataclasses.replace(one, scene=item.group) for one in item.record.objects)
        )
        for item in judged
    ]
    return {figure.name: figure for figure in summarize(records).figures}


def shape_table(condition: Condition, rows: Rows) -> Table:
    """Return how near the surfaces are to the truth."""
    images = len(next(iter(rows.values()), ()))
    title = f"{condition.title} ({condition.name}): {images} images"
    return Table(title, tuple({"method": name, **_shape_row(judged)} for name, judged in rows.items()), SHAPE_NOTE)


def _shape_row(judged: Sequence[Judged]) -> dict[str, Cell]:
    figures, objects = figures_of(judged), objects_of(judged)
    iou, chamfer = figures["iou"], figures["chamfer"]
    return {
        "objects": len(objects),
        "failed": sum(item.failure is not None for item in objects),
        "vIoU": iou.mean,
        "vIoU low": iou.mean_low,
        "vIoU high": iou.mean_high,
        "vIoU p10": iou.worst_tenth,
        "chamfer [mm]": 1e3 * chamfer.mean,
        "chamfer median [mm]": 1e3 * chamfer.median,
        "F@5mm": figures["fscore"].mean,
        "two-way < .02 d": figures["close"].mean,
        "hidden [mm]": _mean(figures, "hidden", 1e3),
        "visible [mm]": _mean(figures, "visible", 1e3),
        "seconds": seconds_of(judged),
    }


def fit_table(condition: Condition, rows: Rows) -> Table:
    """Return how well the image is explained, where the truth has what that needs."""
    shown = {name: judged for name, judged in rows.items() if any("psnr" in one.values for one in objects_of(judged))}
    note = "Depth against the truth's where both are seen; light as the angle at the objects, over scenes that know it."
    title = f"Fit to the image ({condition.name})"
    return Table(title, tuple({"method": name, **_fit_row(judged)} for name, judged in shown.items()), note)


def _fit_row(judged: Sequence[Judged]) -> dict[str, Cell]:
    figures = figures_of(judged)
    light = light_angle_of(judged)
    return {
        "visible depth [mm]": _mean(figures, "depth_error", 1e3),
        "mask IoU": _mean(figures, "mask_iou"),
        "PSNR [dB]": _mean(figures, "psnr"),
        "relit PSNR [dB]": _mean(figures, "relight_psnr"),
        "light [deg]": None if light is None else 57.29577951308232 * light,
    }


def physics_table(condition: Condition, rows: Rows) -> Table:
    """Return whether the scenes could stand there."""
    note = "Penetration of objects into each other: the deepest point of an object, and the mean over its surface."
    title = f"Physics ({condition.name})"
    return Table(title, tuple({"method": name, **_physics_row(judged)} for name, judged in rows.items()), note)


def _physics_row(judged: Sequence[Judged]) -> dict[str, Cell]:
    figures = figures_of(judged)
    return {
        "penetration max [mm]": _mean(figures, "penetration", 1e3),
        "penetration mean [mm]": _mean(figures, "penetration_mean", 1e3),
        "below table max [mm]": _mean(figures, "table_penetration", 1e3),
        "gap below [mm]": _mean(figures, "support_gap", 1e3),
        "settled": _mean(figures, "settled"),
        "drift [mm]": _mean(figures, "drift", 1e3),
        "watertight": _mean(figures, "watertight"),
    }


def pose_table(condition: Condition, rows: Rows) -> Table:
    """Return errors of pose modulo symmetry, after the best rigid motion from where the surfaces are."""
    found = []
    for name, judged in rows.items():
        objects = objects_of(judged)
        turns, shifts = (known(objects, measure) for measure in (TURN, SHIFT))
        turned: dict[str, Cell] = {"objects": len(objects), "with orientation": len(turns)}
        if turns:
            turned |= {"rotation median [deg]": 57.29577951308232 * median(turns)}
        if shifts:
            turned |= {"translation median [mm]": 1e3 * median(shifts), "translation mean [mm]": 1e3 * fmean(shifts)}
        found.append({"method": name, **turned})
    return Table(f"Pose modulo symmetry ({condition.name})", tuple(found))


def kill_table(condition: Condition, rows: Rows) -> Table:
    """Return what each stage of a method gains over its start, object by object; negative is better but for vIoU.

    A stage pays where both intervals end below zero; fewer than three scenes cannot tell.
    """
    found: list[dict[str, Cell]] = []
    by_method: dict[str, list[Sequence[Judged]]] = {}
    for judged in rows.values():
        by_method.setdefault(judged[0].method, []).append(judged)
    for method, (start, *later) in by_method.items():
        for judged in later:
            pair = f"{judged[0].stage} - {start[0].stage}"
            found.append({"method": method, "change": pair, **change_row(start, judged)})
    note = "Paired differences of means; 95 % bootstrap intervals over scenes. Pays: nearer on both sides for sure."
    return Table(f"Does rendering pay for itself? ({condition.name})", tuple(found), note)


def change_row(start: Sequence[Judged], later: Sequence[Judged]) -> dict[str, Cell]:
    """Return paired differences between two rows on the same images."""
    row: dict[str, Cell] = {}
    ends: list[float] = []
    for name, title, factor in (
        ("visible", "visible [mm]", 1e3), ("hidden", "hidden [mm]", 1e3),
        ("chamfer", "chamfer [mm]", 1e3), ("iou", "vIoU", 1.0),
    ):  # fmt: skip
        values, groups = differences(start, later, name)
        if not values:
            continue
        interval = bootstrap_interval(values, groups, 0)
        row |= {
            title: factor * fmean(values),
            f"{title} low": factor * interval.low,
            f"{title} high": factor * interval.high,
        }
        if name in ("visible", "hidden"):
            ends.append(interval.high)
    enough = len({item.group for item in later}) >= _FEWEST
    return {"objects": len(objects_of(later)), **row, "pays": len(ends) == 2 and max(ends) < 0 if enough else None}


def differences(start: Sequence[Judged], later: Sequence[Judged], name: str) -> tuple[list[float], list[str]]:
    """Return a measure's changes of all objects that have it in both, and the group of each."""
    values: list[float] = []
    groups: list[str] = []
    for before, after in zip(start, later, strict=True):
        for one, other in zip(before.record.objects, after.record.objects, strict=True):
            first, second = one.values.get(name), other.values.get(name)
            if first is not None and second is not None:
                values.append(second - first)
                groups.append(before.group)
    return values, groups


def objects_of(judged: Sequence[Judged]) -> list[ObjectRecord]:
    """Return the objects of all images."""
    return [one for item in judged for one in item.record.objects]


def known(objects: Sequence[ObjectRecord], name: str) -> list[float]:
    """Return the values of the objects that have a measure."""
    found = (item.values.get(name) for item in objects)
    return [float(value) for value in found if value is not None]


def seconds_of(judged: Sequence[Judged]) -> float | None:
    """Return the median time an image [s]."""
    spent = [item.seconds for item in judged if item.seconds is not None]
    return median(spent) if spent else None


def light_angle_of(judged: Sequence[Judged]) -> float | None:
    """Return the mean error of the light's direction [rad]."""
    angles = [item.record.light_angle for item in judged if item.record.light_angle is not None]
    return fmean(angles) if angles else None


def _mean(figures: Mapping[str, Figure], name: str, factor: float = 1.0) -> float | None:
    return factor * figures[name].mean if name in figures else None
