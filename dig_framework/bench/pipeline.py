"""Start-up, cost, caching and accuracy of the pipeline: the figures that the documentation quotes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dig_framework.bench.accuracy_tables import object_table, summary_table
from dig_framework.bench.bench_runs import demo_scene, run_bench, scenes_with_truth
from dig_framework.bench.caching import measure_caching
from dig_framework.bench.run_cost import cost_row, measure_demo
from dig_framework.bench.start_up import measure_start_up
from dig_framework.bench.table import Cell, Table
from dig_framework.errors import DigError
from dig_framework.evaluation.reconstruction import read_reconstruction
from dig_framework.evaluation.records import ObjectRecord
from dig_framework.evaluation.scene_scores import score_scene
from dig_framework.evaluation.truth import scene_sample

_STAGES = ("initialize", "fit", "deform")


def measure(data: Path | None) -> Iterator[Table]:
    """Measure everything on the demo scene, then accuracy and time on the scene folders in `data`."""
    yield measure_start_up()
    yield measure_demo()
    yield measure_caching()
    scenes = [demo_scene(), *(scenes_with_truth(data) if data else ())]
    costs: list[dict[str, Cell]] = []
    scored: dict[str, list[ObjectRecord]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for scene in scenes:
            costs.append(_measure_scene(scene, Path(folder), scored))
    yield Table("Cost by scene, config reference", tuple(costs))
    yield object_table(scored)
    yield summary_table(scored)


def _measure_scene(scene: Path, folder: Path, scored: dict[str, list[ObjectRecord]]) -> dict[str, Cell]:
    """Run hull and reference on a scene, add the scores of each variant, and return what the reference cost."""
    hull, reference, cache = folder / f"{scene.name}-hull", folder / scene.name, folder / "cache"
    failure = _attempt("reference", scene, reference, cache, ())
    _attempt(
        "reference", scene, hull, cache, ("shape=hull", "fit_schedule=null", "deform_schedule=null", "policy=null")
    )
    places = {"hull": hull / "initialize", **{stage: reference / stage for stage in _STAGES}}
    sample = scene_sample(scene)
    for variant, place in places.items():
        scored.setdefault(variant, []).extend(score_scene(sample, read_reconstruction(place)).objects)
    cost = cost_row(reference) if (reference / "metrics.json").exists() else {}
    return {
        "scene": scene.name,
        "boxes": len(list(score_labels(scene))),
        **cost,
        **({"failure": failure} if failure else {}),
    }


def score_labels(scene: Path) -> list[str]:
    """Return the labels of a scene's boxes."""
    return [box["label"] for box in json.loads((scene / "boxes.json").read_text())]


def _attempt(config: str, scene: Path, into: Path, cache: Path, changes: tuple[str, ...]) -> str | None:
    try:
        run_bench(config, scene, into, cache, changes)
    except DigError as error:
        return str(error)
    return None
