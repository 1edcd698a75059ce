"""How long a user waits before anything happens, with a plugin installed that cannot be imported."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from dig_framework.bench.table import Table
from dig_framework.bench.timed_process import command_line, run_timed

_REPEATS = 7


def measure_start_up() -> Table:
    """Time `--help` and `plugins`, and look whether torch was imported on the way."""
    with tempfile.TemporaryDirectory() as folder:
        install_broken_plugin(Path(folder))
        rows = [
            {"command": f"dig-framework {word}", **_measured(word, folder), "bound [s]": bound}
            for word, bound in (("--help", 0.3), ("plugins", 0.5))
        ]
    return Table("Start-up, a broken plugin installed", tuple(rows), f"Median of {_REPEATS}.")


def install_broken_plugin(site: Path) -> None:
    """Write a distribution whose renderer raises on import into a folder for `PYTHONPATH`."""
    metadata = site / "dig_broken-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dig-broken\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[dig_framework.renderer]\nbroken = dig_broken:Broken\n")
    (site / "dig_broken.py").write_text("raise RuntimeError('broken on purpose')\n")


def _measured(word: str, site: str) -> dict[str, float | bool]:
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, [site, os.environ.get("PYTHONPATH")]))}
    runs = sorted((run_timed(command_line(word), environment) for _ in range(_REPEATS)), key=lambda run: run.seconds)
    traced = [sys.executable, "-X", "importtime", *command_line(word)[1:]]
    imports = run_timed(traced, environment)
    return {
        "time [s]": runs[_REPEATS // 2].seconds,
        "fastest [s]": runs[0].seconds,
        "processor [s]": min(run.processor_seconds for run in runs),
        "torch imported": bool(re.search(r"\| +torch$", imports.output, re.M)),
        "exit status": max(run.code for run in runs),
    }
