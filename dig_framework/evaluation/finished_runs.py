"""Score run directories against the truth beside their input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dig_framework.atomic_files import read_json
from dig_framework.errors import InputError, RunError
from dig_framework.evaluation.reconstruction import read_reconstruction
from dig_framework.evaluation.records import SceneRecord
from dig_framework.evaluation.scene_scores import score_run_of
from dig_framework.evaluation.truth import scene_sample
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.simulator import Simulator
from dig_framework.observation import Box
from dig_framework.run_folder import MARKER

_NEAR = 0.51


def is_run(folder: Path) -> bool:
    """Return whether a folder is a run directory, or at least holds a scene."""
    return (folder / MARKER).is_file() or (folder / "scene.json").is_file()


def score_run(run: Path, truth: Path | None = None, simulator: Simulator | None = None) -> tuple[SceneRecord, Sample]:
    """Compare a run with the truth of the scene folder that it came from.

    Args:
        run: The run directory, or any folder with a `scene.json`.
        truth: Scene folder with `gt.json`; None takes the run's input.
        simulator: Lets the result settle; None leaves drift out.

    Raises:
        InputError: If there is no truth, it cannot be read, or its boxes are not those of the run.
        RunError: If the folder is no run.
    """
    if not is_run(run):
        raise RunError(f"{run} is no run directory: it has neither {MARKER} nor scene.json.")
    sample = scene_sample(truth or _source(run))
    _check_boxes(run, sample.observation.boxes)
    return score_run_of(sample, read_reconstruction(run), simulator), sample


def _source(run: Path) -> Path:
    path = run / "provenance.json"
    values: Any = read_json(path) if path.exists() else {}
    source = values.get("input", {}).get("source") if isinstance(values, dict) else None
    if not isinstance(source, str):
        raise InputError(f"{run}: does not say where its input came from; give the scene folder with --truth.")
    if not Path(source).is_dir():
        raise InputError(f"{run}: its input {source} is not there any more; give the scene folder with --truth.")
    if not (Path(source) / "gt.json").exists():
        raise InputError(f"{run}: its input {source} has no gt.json; evaluate its dataset, or give --truth.")
    return Path(source)


def _check_boxes(run: Path, boxes: tuple[Box, ...]) -> None:
    """Refuse a run whose boxes are others, since objects are paired by the place of their box."""
    path = run / "input" / "boxes.json"
    try:
        asked = [(item["label"], item["xyxy"]) for item in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError):
        return  # A folder with nothing but a scene says by its indices what it means.
    same = len(asked) == len(boxes) and all(
        max(abs(a - b) for a, b in zip(corners, box.xyxy, strict=True)) < _NEAR
        for (_, corners), box in zip(asked, boxes, strict=True)
    )
    if not same:
        raise InputError(
            f"{run}: its {len(asked)} boxes are not the {len(boxes)} of the truth, by whose place objects are paired; "
            "run it with the boxes of the scene folder."
        )
