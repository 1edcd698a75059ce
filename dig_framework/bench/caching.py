"""What is computed again, and what is not."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from dig_framework.bench.bench_runs import computed_stages, demo_scene, run_bench, run_command
from dig_framework.bench.table import Table
from dig_framework.events import read_events

_ANSWER = ("scene.json", "scene.glb", "meshes/*", "grasp/*.json", "*/masks/*")
_PATIENCE = 600.0


def measure_caching(config: str = "quickstart", other_simulator: str = "simulator.friction=0.4") -> Table:
    """Swap the simulator, kill and repeat, and repeat with an empty cache, on the demo scene."""
    scene = demo_scene()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_bench(config, scene, folder / "first", folder / "cache")
        run_bench(config, scene, folder / "swapped", folder / "cache", [other_simulator])
        run_bench(config, scene, folder / "again", folder / "other-cache")
        before, after = _killed_and_repeated(config, scene, folder)
        swapped = computed_stages(folder / "swapped")
        same = _digest(folder / "first") == _digest(folder / "again")
    rows = (
        {"check": "only the simulator swapped", "computed": ", ".join(swapped), "as it should": "fit" not in swapped},
        {"check": "killed after", "computed": ", ".join(before), "as it should": bool(before)},
        {"check": "the same repeated", "computed": ", ".join(after), "as it should": not set(before) & set(after)},
        {"check": "same config, empty cache", "computed": "all", "as it should": same},
    )
    return Table(
        "Caching and repeatability", rows, "The last row compares every bit of scene, meshes, masks and grasps."
    )


def _killed_and_repeated(config: str, scene: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Kill a run once `initialize` is finished; return what was finished, and what the repetition computes."""
    run, cache = folder / "killed", folder / "cache-of-killed"
    environment = {**os.environ, "DIG_CACHE": str(cache)}
    process = subprocess.Popen(
        run_command(config, scene, run), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and "initialize" not in _finished(run) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = _finished(run)
    run_bench(config, scene, run, cache)
    return finished, computed_stages(run)


def _finished(run: Path) -> list[str]:
    return [event["stage"] for event in read_events(run) if event["event"] == "stage_finished"]


def _digest(run: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _ANSWER:
        for path in sorted(run.glob(pattern)):
            if path.name != "stage.json" and path.is_file():
                digest.update(str(path.relative_to(run)).encode() + path.read_bytes())
    return digest.hexdigest()
