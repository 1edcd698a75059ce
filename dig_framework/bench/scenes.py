"""What synthetic scenes cost, from their seed to the score of a baseline on them.

A few scenes are made by the commands that a user would give, in processes of their own, and then some more, so that
what starting takes can be told from what a scene takes; what 200 would take follows from both, and is marked as that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dig_framework.bench.table import Cell, Table
from dig_framework.bench.timed_process import Timed, command_line, run_timed
from dig_framework.errors import RunError

_FAST, _TRACED = (2, 8), (1, 2)
"""How many scenes are made at first, and how many more, by Embree and by Mitsuba."""
_NOTE = (
    "Columns with 'would' follow from the time of the first call and of the second, which goes on with the same folder."
)


def measure(data: Path | None, fast: tuple[int, int] = _FAST, traced: tuple[int, int] = _TRACED) -> Iterator[Table]:
    """Time single-object scenes with the fast renderer, their score for the dropped hull, and path-traced ones.

    Args:
        data: A folder of meshes to take in place of our own objects, or None.
        fast: Scenes by Embree, at first and after that.
        traced: Scenes by Mitsuba.
    """
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        quick, scores, slow = (Path(folder) / name for name in ("embree", "scores", "mitsuba"))
        made, scored = [], []
        for count in (fast[0], sum(fast)):
            made.append(_made(quick, "embree", count, workers, data))
            scored.append(_scored(quick, scores, workers))
        rows = (_row("made, embree", made, fast, 200), _row("scored, B5 (shape hull)", scored, fast, 200))
        yield Table(f"Single objects, {workers} workers", rows, _NOTE)
        paths = [_made(slow, "mitsuba", count, workers, data) for count in (traced[0], sum(traced))]
        yield Table(
            f"Path-traced single objects, {workers} workers", (_row("made, mitsuba", paths, traced, 10),), _NOTE
        )


def _made(folder: Path, renderer: str, count: int, workers: int, meshes: Path | None) -> Timed:
    words = ["scenes", "make", str(folder), "--family", "single", "--renderer", renderer, "--count", str(count)]
    words += ["--workers", str(workers)] + ([] if meshes is None else ["--meshes", str(meshes)])
    return _run(words)


def _scored(dataset: Path, into: Path, workers: int) -> Timed:
    words = [
        "evaluate",
        str(dataset),
        "quickstart",
        "-s",
        "segmenter=given",
        "-s",
        "shape=hull",
        "-s",
        "fit_schedule=null",
    ]
    return _run([*words, "--workers", str(workers), "--no-cache", "--into", str(into)])


def _run(words: list[str]) -> Timed:
    timed = run_timed(command_line(*words), {"OMP_NUM_THREADS": "1"})
    if timed.code != 0:
        last = (timed.output.strip().splitlines() or ["it printed nothing"])[-1]
        raise RunError(f"dig-framework {' '.join(words)} ended with status {timed.code}: {last}")
    return timed


def _row(what: str, calls: list[Timed], counts: tuple[int, int], goal: int) -> dict[str, Cell]:
    start, each = start_and_each(counts, (calls[0].seconds, calls[1].seconds))
    _, busy = start_and_each(counts, (calls[0].processor_seconds, calls[1].processor_seconds))
    return {
        "what": what,
        "scenes": sum(counts),
        "time [s]": calls[0].seconds + calls[1].seconds,
        "memory of one process [MiB]": max(call.peak_mib for call in calls),
        "start [s]": start,
        "a scene [s]": each,
        "a scene, processor [s]": busy,
        f"{goal} would take [min]": (start + each * goal) / 60,
    }


def start_and_each(counts: tuple[int, int], seconds: tuple[float, float]) -> tuple[float, float]:
    """Return what starting and what each scene takes, from two calls that made so many scenes.

    Where the second took no longer for more scenes, as on a busy machine, all of its time counts as that of scenes.
    """
    each = (seconds[1] - seconds[0]) / (counts[1] - counts[0])
    start = seconds[0] - each * counts[0]
    return (start, each) if each > 0 and start >= 0 else (0.0, seconds[1] / counts[1])
