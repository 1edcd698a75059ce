"""A run directory about one sphere on a table, its image made from the sphere's equation and not by any renderer."""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch

from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.camera import Camera
from dig_framework.execution_files import save_execution
from dig_framework.grasp import Grasp, Trial
from dig_framework.grasp_files import save_grasping
from dig_framework.icosphere import icosphere
from dig_framework.interfaces import FitStep
from dig_framework.light import Light
from dig_framework.loss_files import save_losses
from dig_framework.material import Material
from dig_framework.observation import Box, Observation
from dig_framework.observation_files import save_observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.scene_files import save_scene
from dig_framework.segmentation_files import save_segmentation
from dig_framework.stages.execution import Execution
from dig_framework.stages.grasping import Grasping
from dig_framework.stages.segmentation import Segmentation

RADIUS, SLOPE, DISTANCE = 0.05, 0.6, 0.5
"""Of the sphere [m]; of the camera's view below the horizon [rad]; from the camera to the sphere's centre [m]."""
NASTY = '<b id="x">mug</b> & "co"'
"""A label that must not become markup."""


def camera() -> Camera:
    return Camera.from_focal(150.0, 150.0, 79.5, 59.5, 160, 120)


def plane() -> Plane:
    normal = torch.tensor([0.0, -math.cos(SLOPE), -math.sin(SLOPE)])
    offset = RADIUS - float(normal @ torch.tensor([0.0, 0.0, DISTANCE]))
    return Plane(normal, torch.tensor(offset), Material.matte(torch.tensor([0.5, 0.4, 0.3])))


def observation() -> Observation:
    rays, table = camera().rays(), plane()
    center = torch.tensor([0.0, 0.0, DISTANCE])
    a, b, c = rays.square().sum(-1), rays @ center, center.square().sum() - RADIUS**2
    inside = b.square() - a * c
    hit = inside > 0
    ball = (b - inside.clamp_min(0).sqrt()) / a
    ground = -table.offset / (rays @ table.normal)
    depth = torch.where(hit, ball, torch.where(ground > 0, ground, torch.zeros(())))
    color = torch.where(hit[..., None], torch.tensor([0.6, 0.1, 0.1]), torch.tensor([0.4, 0.4, 0.35]))
    boxes = (Box(NASTY, (55.0, 35.0, 105.0, 85.0)), Box("ghost", (5.0, 5.0, 25.0, 25.0)))
    masks = torch.stack([hit, torch.zeros_like(hit)])
    return Observation(color, depth, camera(), boxes, masks)


def scene(shift: float = 0.0) -> Scene:
    unit = icosphere(3, torch.float32)
    pose = Pose(torch.tensor([shift, 0.0, DISTANCE]), torch.zeros(3))
    ball = unit.replace(vertices=RADIUS * unit.vertices)
    item = SceneObject(NASTY, 0, ball, pose, Material.matte(torch.tensor([0.6, 0.1, 0.1])), uncertainty=0.002)
    failure = Failure("ghost", 1, "segment", "nothing stands out in the box.")
    return Scene((item,), (Light(torch.tensor([-0.5, -1.0, 0.0]), torch.ones(3)),), plane(), (failure,))


def trials() -> tuple[Trial, ...]:
    """Return two grasps of the sphere's centre from straight above."""
    x, up = torch.tensor([1.0, 0.0, 0.0]), plane().normal
    pose = torch.eye(4)
    pose[:3, :3] = torch.stack([x, torch.linalg.cross(-up, x), -up], 1)
    pose[:3, 3] = torch.tensor([0.0, 0.0, DISTANCE])
    best = Trial(Grasp(0, pose, 0.08), True, 0.9, "held", {"epsilon": 0.2})
    return best, Trial(Grasp(0, pose, 0.06), False, 0.1, "collision")


def write_run(folder: Path) -> Path:
    """Write a complete run and return its folder."""
    seen = observation()
    save_observation(seen, folder / "input")
    assert seen.masks is not None
    save_segmentation(Segmentation(seen.masks, plane(), scene().failures), folder / "segment")
    for name, shift in (("initialize", 0.01), ("fit", 0.002), ("deform", 0.0)):
        save_scene(scene(shift), folder / name, camera())
    save_scene(scene(), folder, camera())
    losses = [
        FitStep("first" if i < 8 else "second", i + 1, 8, math.exp(-i), {"depth": math.exp(-i)}) for i in range(16)
    ]
    save_losses(losses, folder / "fit" / "loss.csv")
    save_grasping(Grasping(trials()), folder / "grasp")
    save_execution(Execution(None, None, "no grasp is in reach."), folder / "execute")
    write_events(folder)
    write_atomic(folder / "config.yaml", "name: reference\nhand:\n  opening: 0.1\n")
    write_json(folder / "metrics.json", {"seconds": 12.5, "objects": 1})
    write_json(
        folder / "provenance.json", {"started": "2026-01-02T03:04:05+00:00", "seed": 3, "packages": {"torch": "2"}}
    )
    write_atomic(folder / "state", "done\n")
    return folder


def write_events(folder: Path, failing: str | None = None) -> None:
    """Write the events of a run in which all stages were finished, or one failed and ended it."""
    events: list[dict[str, object]] = [{"event": "run_started"}]
    for name in ("segment", "initialize", "fit", "deform", "grasp", "execute"):
        events.append({"event": "stage_started", "stage": name})
        if name == failing:
            events.append({"event": "stage_failed", "stage": name, "reason": "loss is <NaN>"})
            break
        events.append({"event": "stage_finished", "stage": name, "cached": name == "segment", "seconds": 1.5})
    write_atomic(folder / "events.jsonl", "".join(json.dumps(event) + "\n" for event in events))
