"""Benchmarks: every figure that the project publishes comes from one of these, so that anybody can repeat it."""

from __future__ import annotations

import difflib
import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from dig_framework.errors import DigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dig_framework.bench.table import Table

BENCHES = {
    "baselines": "dig_framework.bench.baselines",
    "deformations": "dig_framework.bench.deformations",
    "gradients": "dig_framework.bench.gradients",
    "metrics": "dig_framework.bench.metrics",
    "pipeline": "dig_framework.bench.pipeline",
    "raster": "dig_framework.bench.raster",
    "reconstruction": "dig_framework.bench.reconstruction",
    "scenes": "dig_framework.bench.scenes",
    "uncertainty": "dig_framework.bench.uncertainty",
}
"""Where each benchmark is: a module with `measure(data) -> Iterator[Table]`, whose further arguments are options of the
command; its docstring says what it measures."""


def run(
    name: str,
    data: Path | None = None,
    into: Path | None = None,
    report: Callable[[Table], None] | None = None,
    options: Mapping[str, object] | None = None,
) -> Path:
    """Run a benchmark and save its tables as JSON with a description of the machine.

    Args:
        name: One of `BENCHES`.
        data: Folder of scene folders to measure on besides the embedded scene.
        into: File to write; by default `bench-NAME-DATE.json` in the working directory.
        report: Told each table as soon as it is measured; prints it by default.
        options: Further arguments of the benchmark, by name.

    Returns:
        The file that was written.

    Raises:
        DigError: If there is no benchmark of that name, it has no such option, or `data` is no folder.
    """
    from dig_framework.bench.record import print_table, save_record

    if name not in BENCHES:
        close = difflib.get_close_matches(name, BENCHES, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"no benchmark is called {name!r}.{hint} There are: {', '.join(sorted(BENCHES))}.")
    if data is not None and not data.is_dir():
        raise DigError(f"{data} is no folder; give a folder of scene folders.")
    measure = importlib.import_module(BENCHES[name]).measure
    taken = [option for option in inspect.signature(measure).parameters if option != "data"]
    for option in options or {}:
        if option not in taken:
            known = ", ".join(f"--{one}" for one in taken) or "none but --data and --into"
            raise UsageError(f"benchmark {name!r} has no option --{option}. It has: {known}.")
    tables = []
    for table in measure(data, **(options or {})):
        (report or print_table)(table)
        tables.append(table)
    return save_record(name, tables, into)
