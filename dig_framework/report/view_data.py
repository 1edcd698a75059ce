"""What the 3D view draws: meshes, measured points, grasps and the camera, in the table's frame."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.color_space import srgb_from_linear
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.observation import Observation
from dig_framework.plane import Plane
from dig_framework.report.color_scale import object_color
from dig_framework.report.run_record import RunRecord
from dig_framework.scene import SceneObject

_MOST_POINTS = 40_000
_MOST_GRASPS = 40


def view_data(run: RunRecord) -> dict[str, Any]:
    """Return plain values for the page: arrays as base64, lengths in metres, z up from the table."""
    scenes = {stage.name: stage.scene for stage in run.stages if stage.scene is not None and stage.scene.objects}
    plane = _plane(run)
    content = _content(run)
    table_from_scene = _table_frame(plane, content)
    radius = _radius(_moved(content, table_from_scene))
    trials = run.grasping.trials[:_MOST_GRASPS] if run.grasping else ()
    return {
        "stages": [
            {"name": name, "objects": [_object(item, table_from_scene) for item in scene.objects]}
            for name, scene in scenes.items()
        ],
        "points": None if run.observation is None else _points(run.observation, radius, table_from_scene),
        "grasps": [_grasp(trial, run.hand, table_from_scene) for trial in trials],
        "camera": _camera(run.observation, table_from_scene),
        "table": plane is not None,
        "radius": radius,
    }


def _plane(run: RunRecord) -> Plane | None:
    if run.scene is not None and run.scene.plane is not None:
        return run.scene.plane
    return run.segmentation.plane if run.segmentation else None


def _content(run: RunRecord) -> Float[Tensor, "points 3"]:
    """Return points [m] of what is looked at: the objects, else what was segmented, else all that was measured."""
    if run.scene is not None and run.scene.objects:
        return torch.cat([item.posed().vertices.detach().cpu().double() for item in run.scene.objects])
    if run.observation is not None:
        depth = run.observation.depth
        points = run.observation.camera.unproject(depth).double()
        masks = [run.segmentation.masks.any(0)] if run.segmentation is not None and len(run.segmentation.masks) else []
        for seen in ((depth > 0) & mask for mask in (*masks, torch.ones_like(depth, dtype=torch.bool))):
            if bool(seen.any()):
                return points[seen]
    return torch.tensor([[0.0, 0.0, 0.7]]).double()


def _table_frame(plane: Plane | None, content: Float[Tensor, "points 3"]) -> Float[Tensor, "4 4"]:
    """Return table_from_scene: z up, y away from the camera, origin below the middle of the content."""
    up = torch.tensor([0.0, -1.0, 0.0]).double() if plane is None else plane.normal.double()
    forward = torch.tensor([0.0, 0.0, 1.0]).double()
    if float((up @ forward).abs()) > 0.99:
        forward = torch.tensor([0.0, -1.0, 0.0]).double()
    y = torch.nn.functional.normalize(forward - (forward @ up) * up, dim=0)
    rotation = torch.stack([torch.linalg.cross(y, up), y, up])
    across = content @ rotation.T
    middle = rotation.T @ (across.min(0).values + across.max(0).values) / 2
    if plane is not None:
        middle = middle - (middle @ up + plane.offset.double()) * up
    frame = torch.eye(4).double()
    frame[:3, :3], frame[:3, 3] = rotation, -rotation @ middle
    return frame


def _radius(content: Float[Tensor, "points 3"]) -> float:
    """Return how far nearly all of the content reaches from the origin [m]."""
    reach = content.double().norm(dim=1)
    return max(float(reach.kthvalue(max(1, round(0.98 * len(reach)))).values), 0.1)


def _object(item: SceneObject, frame: Float[Tensor, "4 4"]) -> dict[str, Any]:
    mesh = item.posed().detach()
    shown = item.material.color.clamp(0, 1) * (torch.ones_like(mesh.vertices) if mesh.colors is None else mesh.colors)
    kind = np.uint16 if len(mesh.vertices) <= 65536 else np.uint32
    return {
        "label": item.label,
        "index": item.index,
        "tint": list(object_color(item.index)),
        "vertices": _packed(_moved(mesh.vertices, frame).numpy(), np.float32),
        "colors": _packed((srgb_from_linear(shown.float()) * 255).round().cpu().numpy(), np.uint8),
        "faces": _packed(mesh.faces.cpu().numpy(), kind),
        "wide": kind is np.uint32,
    }


def _points(observation: Observation, radius: float, frame: Float[Tensor, "4 4"]) -> dict[str, Any]:
    """Return measured points near the objects, a random part of them if they are many."""
    seen = observation.depth > 0
    points = _moved(observation.camera.unproject(observation.depth)[seen], frame)
    colors = srgb_from_linear(observation.color[seen].float()) * 255
    near = points.norm(dim=1) < 1.7 * radius + 0.05
    points, colors = points[near], colors[near]
    keep = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))[:_MOST_POINTS]
    return {
        "positions": _packed(points[keep].numpy(), np.float32),
        "colors": _packed(colors[keep].round().cpu().numpy(), np.uint8),
    }


def _grasp(trial: Trial, hand: ParallelJaw, frame: Float[Tensor, "4 4"]) -> dict[str, Any]:
    """Return the corners of the hand's boxes, eight a box, the bits of a corner's number being its x, y and z."""
    table_from_hand = frame @ trial.grasp.scene_from_hand.double()
    corners = [torch.from_numpy(np.asarray(box.corners(), float)) for box in hand.boxes(trial.grasp.width)]
    approach = torch.tensor([[0.0, 0.0, -trial.grasp.approach], [0.0, 0.0, 0.0]]).double()
    return {
        "boxes": [_moved(box, table_from_hand).double().numpy().round(5).ravel().tolist() for box in corners],
        "approach": _moved(approach, table_from_hand).double().numpy().round(5).ravel().tolist(),
        "held": trial.success,
        "score": trial.score,
    }


def _camera(observation: Observation | None, frame: Float[Tensor, "4 4"]) -> dict[str, Any] | None:
    """Return the observing camera's centre, the corners of its image at 0.1 m and its vertical angle of view [rad]."""
    if observation is None:
        return None
    camera = observation.camera
    edges = [
        (-0.5, -0.5),
        (camera.width - 0.5, -0.5),
        (camera.width - 0.5, camera.height - 0.5),
        (-0.5, camera.height - 0.5),
    ]
    inverse = torch.linalg.inv(camera.intrinsics.double())
    rays = torch.tensor([[u, v, 1.0] for u, v in edges]).double() @ inverse.T * 0.1
    corners = _moved(torch.cat([torch.zeros(1, 3).double(), rays]), frame).double()
    return {
        "lines": corners.numpy().round(5).tolist(),
        "view": float(2 * torch.atan(camera.height / 2 / camera.intrinsics[1, 1])),
    }


def _moved(points: Tensor, frame: Float[Tensor, "4 4"]) -> Tensor:
    return (points.detach().cpu().double() @ frame[:3, :3].T + frame[:3, 3]).float()


def _packed(values: np.ndarray, kind: type) -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()
