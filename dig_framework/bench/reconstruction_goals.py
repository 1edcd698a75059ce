"""What we want of a reconstruction, condition by condition, and whether it is so."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

from dig_framework.bench.reconstruction_pose import SHIFT, TURN
from dig_framework.bench.reconstruction_runs import Judged
from dig_framework.bench.reconstruction_tables import figures_of, known, light_angle_of, objects_of
from dig_framework.bench.table import Cell, Table

Statistic = Callable[[Sequence[Judged]], float | None]


class Goal(NamedTuple):
    """One figure with a bar."""

    name: str
    conditions: tuple[str, ...]
    what: str
    statistic: Statistic
    bar: float
    higher: bool

    def title(self) -> str:
        """Return the head of its column."""
        return f"{self.name} {self.what} {'>=' if self.higher else '<='} {self.bar:g}"


def _figure(name: str, which: str = "mean", factor: float = 1.0) -> Statistic:
    def statistic(judged: Sequence[Judged]) -> float | None:
        figure = figures_of(judged).get(name)
        return None if figure is None else factor * float(getattr(figure, which))

    return statistic


def _median(name: str, factor: float) -> Statistic:
    def statistic(judged: Sequence[Judged]) -> float | None:
        values = known(objects_of(judged), name)
        return factor * median(values) if values else None

    return statistic


def _light(judged: Sequence[Judged]) -> float | None:
    angle = light_angle_of(judged)
    return None if angle is None else math.degrees(angle)


def _crashes(judged: Sequence[Judged]) -> float:
    return float(sum((item.record.failure or "").startswith("crashed") for item in judged))


def roll_change(name: str) -> Statistic:
    """Return the largest change of a measure's mean over scenes between a rolled camera and the unrolled one."""

    def statistic(judged: Sequence[Judged]) -> float | None:
        by_roll: dict[str, list[float]] = {}
        for item in judged:
            by_roll.setdefault(item.record.name.rpartition("-")[2], []).extend(known(item.record.objects, name))
        means = [fmean(values) for _, values in sorted(by_roll.items()) if values]
        return max(abs(value / means[0] - 1) for value in means[1:]) if len(means) > 1 and means[0] else None

    return statistic


_ONE, _HIDDEN, _REAL = ("views", "single"), ("views-hidden", "hidden"), ("real", "real-own-masks")
GOALS = (
    Goal("A1", _ONE, "vIoU mean", _figure("iou"), 0.90, True),
    Goal("A1", _ONE, "vIoU p10", _figure("iou", "worst_tenth"), 0.80, True),
    Goal("A2", _ONE, "chamfer mean [mm]", _figure("chamfer", factor=1e3), 1.8, False),
    Goal("A2", _ONE, "F@5mm", _figure("fscore"), 0.95, True),
    Goal("A3", _ONE, "two-way < .02 d", _figure("close"), 0.88, True),
    Goal("A4", _HIDDEN, "vIoU mean", _figure("iou"), 0.76, True),
    Goal("A4", _HIDDEN, "chamfer mean [mm]", _figure("chamfer", factor=1e3), 4.0, False),
    Goal("A4", _HIDDEN, "F@5mm", _figure("fscore"), 0.82, True),
    Goal("A5", ("primitives",), "vIoU mean", _figure("iou"), 0.90, True),
    Goal("A5", ("primitives",), "rotation median [deg]", _median(TURN, math.degrees(1)), 3.0, False),
    Goal("A5", ("primitives",), "translation median [mm]", _median(SHIFT, 1e3), 3.0, False),
    Goal("A6", ("single",), "visible depth [mm]", _figure("depth_error", factor=1e3), 1.5, False),
    Goal("A6", ("single",), "mask IoU", _figure("mask_iou"), 0.97, True),
    Goal("A7", ("single",), "light direction [deg]", _light, 8.0, False),
    Goal("A7", ("single",), "PSNR [dB]", _figure("psnr"), 28.0, True),
    Goal("A7", ("single",), "relit PSNR [dB]", _figure("relight_psnr"), 25.0, True),
    Goal("A8", ("harsh",), "crashes", _crashes, 0.0, False),
    Goal("A9", ("roll",), "change of chamfer", roll_change("chamfer"), 0.03, False),
    Goal("A9", ("roll",), "change of vIoU", roll_change("iou"), 0.03, False),
    Goal("A10", ("clutter",), "penetration max [mm]", _figure("penetration", factor=1e3), 3.0, False),
    Goal("A10", ("clutter",), "penetration mean [mm]", _figure("penetration_mean", factor=1e3), 0.5, False),
    Goal("A10", ("clutter",), "settled within 5 mm, 5 deg", _figure("settled"), 0.95, True),
    Goal("A10", ("clutter",), "watertight", _figure("watertight"), 1.0, True),
    Goal("A12", _REAL, "vIoU mean", _figure("iou"), 0.75, True),
    Goal("A12", _REAL, "F@5mm", _figure("fscore"), 0.82, True),
    Goal("A12", _REAL, "chamfer median [mm]", _figure("chamfer", "median", 1e3), 3.0, False),
    Goal("A13", ("hollow",), "F@5mm", _figure("fscore"), 0.80, True),
    Goal("A13", ("hollow",), "chamfer mean [mm]", _figure("chamfer", factor=1e3), 3.5, False),
)
"""Every goal that one condition can tell; A8's loss against the ordinary sensor has a table of its own."""

LOSS = 0.15
"""Most of the quality that a harsh sensor may cost, as a share."""


def goal_table(condition: str, rows: Mapping[str, Sequence[Judged]]) -> Table | None:
    """Return what every row reaches of each goal of a condition; None where there is no goal."""
    goals = [goal for goal in GOALS if condition in goal.conditions]
    if not goals:
        return None
    found: list[dict[str, Cell]] = []
    for name, judged in rows.items():
        row: dict[str, Cell] = {"method": name}
        for goal in goals:
            row[goal.title()] = marked(goal.statistic(judged), goal.bar, goal.higher)
        found.append(row)
    return Table(f"Goals ({condition})", tuple(found), "'met' beside what reaches the bar.")


def loss_table(plain: Mapping[str, Sequence[Judged]], harsh: Mapping[str, Sequence[Judged]]) -> Table:
    """Return what a harsh sensor costs on the same scenes, as a share of what the ordinary one gives."""
    found: list[dict[str, Cell]] = []
    for name in plain:
        row: dict[str, Cell] = {"method": name}
        for measure, title, higher in (("iou", "vIoU", True), ("chamfer", "chamfer", False), ("fscore", "F@5mm", True)):
            before, after = (_figure(measure)(rows[name]) for rows in (plain, harsh))
            if before is not None and after is not None:
                loss = (before - after) / before if higher else (after - before) / before
                row[f"loss of {title}"] = marked(loss, LOSS, False)
        found.append(row)
    return Table("A8: loss by a harsh sensor", tuple(found), f"Goal: at most {LOSS:.0%}, on the same scenes.")


def marked(value: float | None, bar: float, higher: bool) -> str | None:
    """Return a figure with 'met' if it reaches a bar."""
    if value is None:
        return None
    met = value >= bar if higher else value <= bar
    return f"{value:.3g}{' met' if met else ''}"
