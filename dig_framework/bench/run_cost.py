"""What a run costs: time, stage by stage, and memory."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from dig_framework.bench.bench_runs import demo_scene, run_bench
from dig_framework.bench.table import Cell, Table


def measure_demo(config: str = "quickstart") -> Table:
    """Run the demo scene with an empty and with a filled cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = []
        for cache in ("empty", "filled"):
            timed = run_bench(config, demo_scene(), folder / cache, folder / "cache")
            rows.append(
                {
                    "cache": cache,
                    "process [s]": timed.seconds,
                    "processor [s]": timed.processor_seconds,
                    **cost_row(folder / cache),
                }
            )
    return Table(f"The demo scene, config {config}", tuple(rows))


def cost_row(run: Path) -> dict[str, Cell]:
    """Return time by stage [s], time after the masks [s], and peak memory of a finished run."""
    metrics = json.loads((run / "metrics.json").read_text())
    stages = {name.removesuffix("_cached"): cached for name, cached in metrics.items() if name.endswith("_cached")}
    spent = {stage: 0.0 if cached else metrics[f"{stage}_seconds"] for stage, cached in stages.items()}
    return {
        **{f"{stage} [s]": seconds for stage, seconds in spent.items()},
        "after masks [s]": sum(seconds for stage, seconds in spent.items() if stage != "segment"),
        "peak [MiB]": metrics["peak_memory_bytes"] / 2**20,
    }
