"""What synthetic scenes cost, from their seed to the score of a baseline on them.

A few scenes are made by the commands that a user would give, in processes of their own; what 200 would take follows
from them by proportion, start-up included, and is marked as that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dig_framework.bench.table import Cell, Table
from dig_framework.bench.timed_process import Timed, command_line, run_timed
from dig_framework.errors import RunError

_FAST, _TRACED = 8, 2
"""How many scenes are made by Embree and by Mitsuba."""
_NOTE = "Columns with 'would' are proportional to what was measured; start-up counts as often as it does there."


def measure(data: Path | None, fast: int = _FAST, traced: int = _TRACED) -> Iterator[Table]:
    """Time single-object scenes with the fast renderer, their score for the dropped hull, and path-traced ones.

    Args:
        data: A folder of meshes to take in place of our own objects, or None.
        fast: Scenes by Embree.
        traced: Scenes by Mitsuba.
    """
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        quick, slow = Path(folder) / "embree", Path(folder) / "mitsuba"
        made = _made(quick, "embree", fast, workers, data)
        scored = _scored(quick, Path(folder) / "scores", workers)
        rows = [_row("made, embree", made, fast, 200), _row("scored, shape hull", scored, fast, 200)]
        both = Timed(
            0, made.seconds + scored.seconds, made.processor_seconds + scored.processor_seconds,
            max(made.peak_mib, scored.peak_mib), "",
        )  # fmt: skip
        yield Table(f"Single objects, {workers} workers", (*rows, _row("both", both, fast, 200)), _NOTE)
        paths = _made(slow, "mitsuba", traced, workers, data)
        yield Table(
            f"Path-traced single objects, {workers} workers", (_row("made, mitsuba", paths, traced, 10),), _NOTE
        )


def _made(folder: Path, renderer: str, count: int, workers: int, meshes: Path | None) -> Timed:
    words = ["scenes", "make", str(folder), "--family", "single", "--renderer", renderer, "--count", str(count)]
    words += ["--workers", str(workers)] + ([] if meshes is None else ["--meshes", str(meshes)])
    return _run(words)


def _scored(dataset: Path, into: Path, workers: int) -> Timed:
    words = ["evaluate", str(dataset), "quickstart", "-s", "shape=hull", "-s", "fit_schedule=null"]
    return _run([*words, "--workers", str(workers), "--no-cache", "--into", str(into)])


def _run(words: list[str]) -> Timed:
    timed = run_timed(command_line(*words), {"OMP_NUM_THREADS": "1"})
    if timed.code != 0:
        last = (timed.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise RunError(f"dig-framework {' '.join(words)} ended with status {timed.code}: {last}")
    return timed


def _row(what: str, timed: Timed, count: int, goal: int) -> dict[str, Cell]:
    return {
        "what": what,
        "scenes": count,
        "time [s]": timed.seconds,
        "processor [s]": timed.processor_seconds,
        "memory of one process [MiB]": timed.peak_mib,
        "time a scene [s]": timed.seconds / count,
        f"{goal} would take [min]": timed.seconds / count * goal / 60,
    }
