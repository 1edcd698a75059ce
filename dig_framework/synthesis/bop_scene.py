"""One scene as a folder in the BOP format, with what BOP has no place for in `dig_truth.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool

from dig_framework.atomic_files import write_json
from dig_framework.image_files import write_color, write_depth, write_mask
from dig_framework.plane import Plane
from dig_framework.scene_fields import light_to_json, material_to_json, plane_to_json
from dig_framework.synthesis.arrangement import Arrangement
from dig_framework.synthesis.capture import Capture, box_around
from dig_framework.synthesis.mask_errors import Corners
from dig_framework.synthesis.photograph import lights_from
from dig_framework.synthesis.room import LAMP_RADIUS, Room
from dig_framework.synthesis.viewpoint import Viewpoint

DEPTH_SCALE = 0.1
"""Of all depth images [mm a unit]."""
_FARTHEST = 6.5
"""Depth that 16 bits hold at that scale [m]; what is beyond counts as unseen."""


def write_scene(folder: Path, arrangement: Arrangement, room: Room, captures: Sequence[Capture]) -> None:
    """Write the images and tables of a scene into a folder."""
    for number, capture in enumerate(captures):
        _write_images(folder, number, capture)
    write_json(folder / "scene_camera.json", _by_image(_camera(capture) for capture in captures))
    write_json(folder / "scene_gt.json", _by_image(_poses(arrangement, capture.view) for capture in captures))
    write_json(folder / "scene_gt_info.json", _by_image(_info(capture) for capture in captures))
    write_json(folder / "dig_truth.json", _by_image(_truth(arrangement, room, capture) for capture in captures))


def _by_image(entries: Any) -> dict[str, Any]:
    return {str(number): entry for number, entry in enumerate(entries)}


def _write_images(folder: Path, number: int, capture: Capture) -> None:
    name = f"{number:06d}"
    write_color(folder / "rgb" / f"{name}.png", torch.from_numpy(capture.color))
    for kind, depth in (("depth", capture.depth), ("depth_true", capture.true_depth)):
        near = np.where(depth < _FARTHEST, depth, 0.0)
        write_depth(folder / kind / f"{name}.png", torch.from_numpy(near), DEPTH_SCALE)
    for kind, masks in (
        ("mask", capture.whole_masks), ("mask_visib", capture.masks), ("mask_visib_true", capture.true_masks)
    ):  # fmt: skip
        for index, mask in enumerate(masks):
            write_mask(folder / kind / f"{name}_{index:06d}.png", torch.from_numpy(mask))


def _camera(capture: Capture) -> dict[str, Any]:
    pose = capture.view.camera_from_table
    return {
        "cam_K": capture.camera.intrinsics.double().flatten().tolist(),
        "depth_scale": DEPTH_SCALE,
        "cam_R_w2c": pose[:3, :3].ravel().tolist(),
        "cam_t_w2c": (1000 * pose[:3, 3]).tolist(),
    }


def _poses(arrangement: Arrangement, view: Viewpoint) -> list[dict[str, Any]]:
    found = []
    for thing in arrangement.things:
        pose = view.camera_from_table @ thing.table_from_object
        rotation, place = pose[:3, :3].ravel().tolist(), (1000 * pose[:3, 3]).tolist()
        found.append({"cam_R_m2c": rotation, "cam_t_m2c": place, "obj_id": thing.number})
    return found


def _info(capture: Capture) -> list[dict[str, Any]]:
    return [
        _object_info(whole, visible, box, capture.depth)
        for whole, visible, box in zip(capture.whole_masks, capture.true_masks, capture.boxes, strict=True)
    ]


def _object_info(
    whole: Bool[np.ndarray, "height width"], visible: Bool[np.ndarray, "height width"], box: Corners, depth: np.ndarray
) -> dict[str, Any]:
    total, seen = int(whole.sum()), int(visible.sum())
    return {
        "bbox_obj": _corner_and_size(box_around(whole)),
        "bbox_visib": _corner_and_size(box),
        "px_count_all": total,
        "px_count_valid": int((whole & (depth > 0)).sum()),
        "px_count_visib": seen,
        "visib_fract": round(seen / total, 6) if total else 0.0,
    }


def _corner_and_size(box: Corners) -> list[float | int]:
    left, top, right, bottom = box
    numbers = (left, top, right - left, bottom - top)
    return [int(value) if value == int(value) else round(value, 3) for value in numbers]


def _truth(arrangement: Arrangement, room: Room, capture: Capture) -> dict[str, Any]:
    pose = torch.from_numpy(capture.view.camera_from_table)
    normal = pose[:3, 2]
    plane = Plane(normal, -(normal @ pose[:3, 3]))
    return {
        "plane": plane_to_json(plane),
        "lights": [light_to_json(light) for light in lights_from(room, capture.view)],
        "light_radius": LAMP_RADIUS,
        "exposure": round(capture.gain, 6),
        "objects": [
            {
                "name": thing.model.name, "role": role, "material": material_to_json(thing.model.material),
                "mass": thing.model.mass, "friction": thing.model.friction, "transparent": thing.model.transparent,
            }
            for thing, role in zip(arrangement.things, arrangement.roles, strict=True)
        ],
        "depth_true": "depth_true",
        "masks_true": "mask_visib_true",
        "boxes_true": [list(box_around(mask)) for mask in capture.true_masks],
        "cam_K_true": capture.view.camera.intrinsics.double().flatten().tolist(),
    }  # fmt: skip
