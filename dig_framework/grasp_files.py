"""Grasps and trials as JSON: `grasps.json`, best first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from dig_framework.atomic_files import read_json, write_json
from dig_framework.errors import InputError
from dig_framework.grasp import Grasp, Trial
from dig_framework.json_fields import integer_of, list_of, mapping_of, number_of, required, rigid_of, text_of
from dig_framework.scene_fields import failures_from_json, failures_to_json
from dig_framework.stages.grasping import Grasping

_NAME = "grasps.json"


def save_grasping(grasping: Grasping, folder: Path) -> None:
    """Write trials, in their order, and failures to `grasps.json`; reading it gives the same bits."""
    values = {
        "schema": 1,
        "trials": [trial_fields(trial) for trial in grasping.trials],
        "failures": failures_to_json(grasping.failures),
    }
    write_json(folder / _NAME, values)


def load_grasping(folder: Path) -> Grasping:
    """Return what a folder's `grasps.json` holds.

    Raises:
        InputError: If the file is missing or something in it is not what it should be.
    """
    source = str(folder / _NAME)
    values = mapping_of(read_json(folder / _NAME), source, ("schema", "trials", "failures"))
    trials = list_of(required(values, "trials", source), source)
    return Grasping(
        tuple(trial_from(item, f"{source}: trial {index}") for index, item in enumerate(trials)),
        failures_from_json(required(values, "failures", source), f"{source}: failure"),
    )


def dtype_of(fields: dict[str, Any], source: str) -> torch.dtype:
    """Return the floating-point type that the field `dtype` names.

    Raises:
        InputError: If it is absent or names none.
    """
    found = {"float32": torch.float32, "float64": torch.float64}.get(text_of(fields, "dtype", source))
    if found is None:
        raise InputError(f"{source}: dtype is {fields['dtype']!r}; give float32 or float64.")
    return found


def trial_fields(trial: Trial) -> dict[str, Any]:
    """Return a trial as plain values."""
    return {
        "success": trial.success,
        "score": trial.score,
        "reason": trial.reason,
        "measures": dict(trial.measures),
        "grasp": grasp_fields(trial.grasp),
    }


def grasp_fields(grasp: Grasp) -> dict[str, Any]:
    """Return a grasp as plain values; the pose is named after the camera, whose frame is the scene's."""
    return {
        "object_index": grasp.object_index,
        "camera_from_hand": grasp.scene_from_hand.tolist(),
        "dtype": str(grasp.scene_from_hand.dtype).removeprefix("torch."),
        "width": grasp.width,
        "approach": grasp.approach,
    }


def trial_from(value: Any, source: str) -> Trial:
    """Return the trial of plain values.

    Raises:
        InputError: If something in them is not what it should be; starts with `source`.
    """
    fields = mapping_of(value, source, ("success", "score", "reason", "measures", "grasp"))
    measures = mapping_of(required(fields, "measures", source), f"{source}: measures")
    return Trial(
        grasp=grasp_from(required(fields, "grasp", source), f"{source}: grasp"),
        success=bool(required(fields, "success", source)),
        score=number_of(fields, "score", source),
        reason=text_of(fields, "reason", source),
        measures={name: number_of(measures, name, f"{source}: measures") for name in measures},
    )


def grasp_from(value: Any, source: str) -> Grasp:
    """Return the grasp of plain values.

    Raises:
        InputError: If something in them is not what it should be; starts with `source`.
    """
    fields = mapping_of(value, source, ("object_index", "camera_from_hand", "dtype", "width", "approach"))
    return Grasp(
        object_index=integer_of(fields, "object_index", source),
        scene_from_hand=rigid_of(fields, "camera_from_hand", source).to(dtype_of(fields, source)),
        width=number_of(fields, "width", source),
        approach=number_of(fields, "approach", source),
    )
