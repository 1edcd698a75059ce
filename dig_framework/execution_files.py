"""What a robot did, as `execution.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from dig_framework.atomic_files import read_json, write_json
from dig_framework.grasp_files import dtype_of, grasp_fields, grasp_from, trial_fields, trial_from
from dig_framework.interfaces import Plan, Waypoint
from dig_framework.json_fields import list_of, mapping_of, number_of, numbers_of, required, text_of
from dig_framework.stages.execution import Execution

_NAME = "execution.json"


def save_execution(execution: Execution, folder: Path) -> None:
    """Write an execution, with the whole motion and its digest."""
    plan, trial = execution.plan, execution.trial
    values = {
        "schema": 1,
        "reason": execution.reason,
        "trial": None if trial is None else trial_fields(trial),
        "plan": None if plan is None else {**_plan_fields(plan), "digest": plan.digest()},
    }
    write_json(folder / _NAME, values)


def load_execution(folder: Path) -> Execution:
    """Return the execution of a folder.

    Raises:
        InputError: If the file is missing or something in it is not what it should be.
    """
    path = folder / _NAME
    values = mapping_of(read_json(path), str(path))
    plan, trial = required(values, "plan", str(path)), required(values, "trial", str(path))
    return Execution(
        plan=None if plan is None else _plan_from(plan, f"{path}: plan"),
        trial=None if trial is None else trial_from(trial, f"{path}: trial"),
        reason=text_of(values, "reason", str(path)),
    )


def _plan_fields(plan: Plan) -> dict[str, Any]:
    waypoints = [
        {
            "name": item.name,
            "joints": item.joints.tolist(),
            "dtype": str(item.joints.dtype).removeprefix("torch."),
            "width": item.width,
            "duration": item.duration,
        }
        for item in plan.waypoints
    ]
    return {"robot": plan.robot, "grasp": grasp_fields(plan.grasp), "waypoints": waypoints, "seal": plan.seal}


def _plan_from(value: Any, source: str) -> Plan:
    fields = mapping_of(value, source)
    waypoints = list_of(required(fields, "waypoints", source), f"{source}: waypoints")
    return Plan(
        robot=text_of(fields, "robot", source),
        grasp=grasp_from(required(fields, "grasp", source), f"{source}: grasp"),
        waypoints=tuple(_waypoint_from(item, f"{source}: waypoint {i}") for i, item in enumerate(waypoints)),
        seal=text_of(fields, "seal", source),
    )


def _waypoint_from(value: Any, source: str) -> Waypoint:
    fields = mapping_of(value, source, ("name", "joints", "dtype", "width", "duration"))
    return Waypoint(
        name=text_of(fields, "name", source),
        joints=torch.tensor(numbers_of(fields, "joints", source), dtype=dtype_of(fields, source)),
        width=number_of(fields, "width", source),
        duration=number_of(fields, "duration", source),
    )
