"""The figures of a run, flat: name -> number."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from typing import Any

from dig_framework.stage_folders import StageRecord


def run_metrics(
    data: Mapping[str, Any], records: Mapping[str, tuple[StageRecord, bool]], seconds: float
) -> dict[str, int | float]:
    """Return what can be said without ground truth.

    Args:
        data: What the stages gave, by name.
        records: Each stage's record, and whether it was read back.
        seconds: How long the run took [s].

    Returns:
        Counts of objects and grasps, the best score, times [s] and peak memory [B].
    """
    metrics: dict[str, int | float] = {}
    if "scene" in data:
        scene = data["scene"]
        metrics["objects"] = len(scene.objects)
        metrics["objects_failed"] = len(scene.failures)
        metrics["objects_converged"] = sum(item.converged for item in scene.objects)
    if "grasping" in data:
        trials = data["grasping"].trials
        metrics["grasps"] = len(trials)
        metrics["grasps_held"] = sum(trial.success for trial in trials)
        if trials:
            metrics["grasp_best_score"] = trials[0].score
    for name, (record, cached) in records.items():
        metrics[f"{name}_seconds"] = record.seconds
        metrics[f"{name}_cached"] = int(cached)
    metrics["seconds"] = seconds
    metrics["peak_memory_bytes"] = peak_memory()
    return metrics


def peak_memory() -> int:
    """Return the most memory this process has held so far [B]."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
