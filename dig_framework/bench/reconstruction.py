"""How right reconstructions are: baselines, presets and their stages side by side, with the goals.

`--data` is a folder of scene folders with truth, `--meshes` one of meshes for generated scenes, `--count` how many
scenes a condition has. Scenes, finished stages and scores are kept in `--work`, so that a killed run goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dig_framework.bench.reconstruction_ablations import ablation_tables
from dig_framework.bench.reconstruction_conditions import Condition, Source, chosen_conditions
from dig_framework.bench.reconstruction_goals import goal_table, loss_table
from dig_framework.bench.reconstruction_methods import Method, chosen_methods
from dig_framework.bench.reconstruction_runs import Judged, Ledger
from dig_framework.bench.reconstruction_tables import (
    fit_table,
    kill_table,
    physics_table,
    pose_table,
    row_name,
    shape_table,
)
from dig_framework.bench.reconstruction_time import time_table
from dig_framework.bench.table import Table

TIME = "time"
"""The part that measures time and memory."""

COUNT = 4
"""Generated scenes of a condition where nothing is said."""


def measure(
    data: Path | None,
    meshes: Path | None = None,
    count: int = COUNT,
    seed: int = 0,
    only: Sequence[str] = (),
    methods: Sequence[str] = (),
    ablations: Path | None = None,
    work: Path = Path("bench-reconstruction"),
) -> Iterator[Table]:
    """Judge methods under conditions, and measure time; with `ablations`, judge what each change of a config costs.

    Args:
        data: Folder of scene folders with gt.json, in place of the embedded scene.
        meshes: Folder of meshes for generated scenes.
        count: Generated scenes of a condition.
        seed: Of generated scenes.
        only: Parts: conditions, or `time`; all that are not too long by default.
        methods: First words of the tables' names, or presets or files; all that are not too slow by default.
        ablations: Folder of configs, each compared with `reference`.
        work: Where scenes, finished stages and scores are kept.
    """
    source, ledger = Source(work, data, meshes, count, seed), Ledger(work)
    conditions = chosen_conditions(tuple(name for name in only if name != TIME)) if set(only) != {TIME} else []
    if ablations is not None:
        yield from ablation_tables(ablations, conditions if only else chosen_conditions(("single", "hidden")), source,
                                   lambda condition, chosen: judged(condition, chosen, source, ledger))  # fmt: skip
        return
    seen: dict[str, dict[str, list[Judged]]] = {}
    for condition in conditions:
        chosen = chosen_methods(methods, slow=condition.name == "published")
        seen[condition.name] = judged(condition, chosen, source, ledger)
        yield from _tables(condition, seen[condition.name])
    if {"single", "harsh"} <= set(seen):
        yield loss_table(seen["single"], seen["harsh"])
    if not only or TIME in only:
        yield time_table(data)


def judged(condition: Condition, methods: Sequence[Method], source: Source, ledger: Ledger) -> dict[str, list[Judged]]:
    """Return the scores of all images of a condition, by method and stage."""
    rows: dict[str, list[Judged]] = {}
    for number, case in enumerate(condition.cases(source), 1):
        for method in methods:
            _tell(f"{condition.name}, image {number}: {method.name}")
            for item in ledger.judged(condition, case, method):
                rows.setdefault(row_name(item, len(method.stages)), []).append(item)
    _tell("")
    return rows


def _tables(condition: Condition, rows: dict[str, list[Judged]]) -> Iterator[Table]:
    if not rows:
        return
    yield shape_table(condition, rows)
    goals = goal_table(condition.name, rows)
    if goals is not None:
        yield goals
    kills = kill_table(condition, rows)
    if kills.rows:
        yield kills
    if condition.turned:
        yield pose_table(condition, rows)
    if condition.settles:
        yield fit_table(condition, rows)
        yield physics_table(condition, rows)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text[:78]:<78}", end="" if text else "\r", file=sys.stderr, flush=True)
