"""Loss curves as they were written by a fit."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

_COUNTERS = ("iteration", "phase", "step", "steps", "loss", "seconds", "time")


@dataclasses.dataclass(frozen=True)
class LossTable:
    """One entry a step; what a step did not have is NaN."""

    phases: tuple[str, ...]
    loss: tuple[float, ...]
    terms: dict[str, tuple[float, ...]]

    def spans(self) -> list[tuple[str, int, int]]:
        """Return each run of equal phases: name, first step, step after the last."""
        starts = [i for i, name in enumerate(self.phases) if i == 0 or name != self.phases[i - 1]]
        return [
            (self.phases[start], start, end) for start, end in zip(starts, [*starts[1:], len(self.phases)], strict=True)
        ]


def read_losses(path: Path) -> LossTable:
    """Return the table of a `loss.csv`.

    Raises:
        ValueError: If it has no column `loss`, or a number is none.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        names = reader.fieldnames or []
        if "loss" not in names:
            raise ValueError(f"{path}: has no column 'loss'; its columns are {', '.join(names) or 'none'}.")
        rows = list(reader)
    terms = [name for name in names if name not in _COUNTERS]
    return LossTable(
        tuple(row.get("phase") or "" for row in rows),
        tuple(_number(row["loss"]) for row in rows),
        {name: tuple(_number(row[name]) for row in rows) for name in terms},
    )


def _number(text: str | None) -> float:
    return float(text) if text else math.nan
