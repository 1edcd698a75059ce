"""Where the time goes in a scene of five objects, and how much memory it takes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dig_framework.bench.bench_runs import box_count, five_objects, run_bench
from dig_framework.bench.run_cost import cost_row
from dig_framework.bench.table import Cell, Table
from dig_framework.bench.timed_process import run_timed
from dig_framework.config_reading import preset_names

_SECONDS = {"preview": 1.0, "quickstart": float("inf"), "reference": 10.0}
"""What a reconstruction may take [s]."""
_MEBIBYTES = 600.0
_STAGES = ("initialize", "fit", "deform")
"""Those of the reconstruction, after the masks and before grasps."""


def time_table(data: Path | None, configs: Sequence[str] | None = None) -> Table:
    """Run configs on a scene of five objects, each in a process of its own with an empty cache.

    Without configs these are the presets `preview`, `quickstart` and `reference`, as far as they are there.

    The first scene folder in `data` with five boxes is taken, else the embedded scene, which has fewer.
    """
    scene = five_objects(data)
    torch_alone = run_timed([sys.executable, "-c", "import torch"]).peak_mib
    rows = []
    for config in configs or [name for name in _SECONDS if name in preset_names()]:
        with tempfile.TemporaryDirectory() as folder:
            timed = run_bench(config, scene, Path(folder) / "run", Path(folder) / "cache", _given(scene))
            rows.append({"config": config, "boxes": box_count(scene), **_row(config, cost_row(Path(folder) / "run"))})
            rows[-1] |= {"process [s]": timed.seconds, "processor [s]": timed.processor_seconds}
            above = timed.peak_mib - torch_alone
            rows[-1] |= {"above torch [MiB]": above, "memory met": above <= _MEBIBYTES}
    note = "Reconstruction: S3 wants 10 s of reference, S4 1 s of preview; S6 wants 600 MiB above torch."
    return Table(f"Where the time goes: {scene.name}", tuple(rows), note)


def _given(scene: Path) -> tuple[str, ...]:
    return ("segmenter=given",) if (scene / "masks").is_dir() else ()


def _row(config: str, costs: dict[str, Cell]) -> dict[str, Cell]:
    """Return the stages in order, what those of the reconstruction take together, and whether that is fast enough."""
    stages = {f"{name} [s]": costs.get(f"{name} [s]") for name in _STAGES}
    spent = sum(value for value in stages.values() if isinstance(value, float))
    met = spent <= _SECONDS.get(config, float("inf"))
    return {
        **stages,
        "reconstruction [s]": spent,
        "goal met": met,
        **{k: v for k, v in costs.items() if k not in stages},
    }
