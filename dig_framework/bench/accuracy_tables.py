"""Tables of scores, object by object and in summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, median

from dig_framework.bench.table import Cell, Table
from dig_framework.evaluation.records import ObjectRecord


def object_table(scored: Mapping[str, Sequence[ObjectRecord]]) -> Table:
    """Return one row an object, with the scores of every variant."""
    rows: list[dict[str, Cell]] = []
    for variants in zip(*scored.values(), strict=True):
        row: dict[str, Cell] = {"scene": variants[0].scene, "object": variants[0].label}
        for name, item in zip(scored, variants, strict=True):
            chamfer, fscore, iou = (value(item, key) for key in ("chamfer", "fscore", "iou"))
            row |= {f"{name} [mm]": 1e3 * chamfer, f"{name} F": fscore, f"{name} vIoU": iou}
        rows.append(row)
    return Table("Accuracy by object: chamfer [mm], F@5mm, vIoU", tuple(rows))


def summary_table(scored: Mapping[str, Sequence[ObjectRecord]]) -> Table:
    """Return one row a variant, over all objects."""
    rows = []
    for name, items in scored.items():
        chamfer, fscore, iou = ([value(item, key) for item in items] for key in ("chamfer", "fscore", "iou"))
        rows.append(
            {
                "variant": name,
                "objects": len(items),
                "vIoU mean": fmean(iou),
                "F@5mm mean": fmean(fscore),
                "chamfer median [mm]": 1e3 * median(chamfer),
                "chamfer mean [mm]": 1e3 * fmean(chamfer),
            }
        )
    return Table("Accuracy", tuple(rows))


def value(item: ObjectRecord, name: str) -> float:
    """Return a measure that every object has, also one that was not recovered."""
    found = item.values[name]
    assert found is not None
    return found
