"""Tables of scores, object by object and in summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, median

from dig_framework.bench.accuracy import Scored
from dig_framework.bench.table import Cell, Table


def object_table(scored: Mapping[str, Sequence[Scored]]) -> Table:
    """Return one row an object, with the scores of every variant."""
    rows: list[dict[str, Cell]] = []
    for variants in zip(*scored.values(), strict=True):
        row: dict[str, Cell] = {"scene": variants[0].scene, "object": variants[0].label}
        for name, item in zip(scored, variants, strict=True):
            row[f"{name} [mm]"] = 1e3 * item.score.chamfer
            row[f"{name} F"] = item.score.fscore
            row[f"{name} vIoU"] = item.score.iou
        rows.append(row)
    return Table("Accuracy by object: chamfer [mm], F@5mm, vIoU", tuple(rows))


def summary_table(scored: Mapping[str, Sequence[Scored]]) -> Table:
    """Return one row a variant, over all objects."""
    rows = []
    for name, items in scored.items():
        scores = [item.score for item in items]
        rows.append(
            {
                "variant": name,
                "objects": len(scores),
                "vIoU mean": fmean(item.iou for item in scores),
                "F@5mm mean": fmean(item.fscore for item in scores),
                "chamfer median [mm]": 1e3 * median(item.chamfer for item in scores),
                "chamfer mean [mm]": 1e3 * fmean(item.chamfer for item in scores),
            }
        )
    return Table("Accuracy", tuple(rows))
