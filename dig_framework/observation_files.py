"""Scene folders as observations: `rgb.png`, `depth.png`, `camera.json`, `boxes.json` and optional `masks/`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.atomic_files import read_json, write_json
from dig_framework.camera import Camera
from dig_framework.depth_registration import registered_depth
from dig_framework.errors import InputError
from dig_framework.image_files import (
    finest_depth_scale,
    read_color,
    read_depth,
    read_mask,
    write_color,
    write_depth,
    write_mask,
)
from dig_framework.json_fields import (
    integer_of,
    list_of,
    mapping_of,
    numbers_of,
    required,
    rigid_of,
    text_of,
)
from dig_framework.observation import Box, Observation
from dig_framework.observation_checks import (
    check_depth,
    check_intrinsics,
    checked_boxes,
    checked_observation,
    depth_scale_from,
    intrinsics_from,
)

_COLOR_NAMES = ("rgb.png", "rgb.jpg", "rgb.jpeg")
_CAMERA_KEYS = ("cam_K", "depth_scale", "width", "height", "depth")
_DEPTH_KEYS = ("cam_K", "width", "height", "color_from_depth")


def load_observation(folder: str | Path, image: int | None = None, boxes: Sequence[Box] | None = None) -> Observation:
    """Return the checked observation of a scene folder, or of one image of a BOP scene.

    A minimal folder holds `rgb.png` (or .jpg), `depth.png` (one channel of 16 bits; metres = value * depth_scale /
    1000; 0 or 65535 = no measurement), `camera.json` and, optionally, `boxes.json` and `masks/000000.png` ..., one a
    box. If `camera.json` describes a depth camera under `depth`, its depth is registered to the colour camera. Boxes
    that are all null are left to a detector.

    Args:
        folder: The scene folder; a folder with `scene_camera.json` is read as a BOP scene.
        image: Which image of a BOP scene, by its number; None takes the first. Minimal folders have just one.
        boxes: Replace those of the file, and with them the masks.

    Raises:
        InputError: If anything in the folder cannot be what it should be; names the file, what is wrong and what to do.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(f"{place}: is no folder; give one with rgb.png, depth.png, camera.json and boxes.json.")
    if (place / "scene_camera.json").exists():
        from dig_framework.bop_files import load_bop_image

        return load_bop_image(place, image, boxes)
    if image is not None:
        raise InputError(f"{place}: has no scene_camera.json, so there is no image {image}; leave the number out.")
    return _loaded(place, boxes)


def save_observation(observation: Observation, folder: str | Path, depth_scale: float | None = None) -> None:
    """Write an observation as a minimal scene folder that `load_observation` reads.

    Colour is quantised to 8 bits in sRGB and depth to `depth_scale` [mm] per unit of 16 bits; by default to 0.1, or
    to the first of 0.2, 0.5, 1, 2, 5, ... at which the largest depth fits.

    Raises:
        InputError: If a depth does not fit into 16 bits at that scale.
    """
    place, camera = Path(folder), observation.camera
    depth_scale = finest_depth_scale(observation.depth) if depth_scale is None else depth_scale
    write_color(place / "rgb.png", observation.color)
    write_depth(place / "depth.png", observation.depth, depth_scale)
    size = {"width": camera.width, "height": camera.height}
    write_json(
        place / "camera.json", {"cam_K": camera.intrinsics.flatten().tolist(), "depth_scale": depth_scale, **size}
    )
    write_json(place / "boxes.json", [{"label": box.label, "xyxy": list(box.xyxy)} for box in observation.boxes])
    for index, mask in enumerate(() if observation.masks is None else observation.masks):
        write_mask(place / "masks" / f"{index:06d}.png", mask)


@dataclasses.dataclass(frozen=True)
class _CameraFile:
    intrinsics: Tensor
    depth_scale: float
    depth_camera: Camera | None
    color_from_depth: Tensor | None


def _loaded(folder: Path, boxes: Sequence[Box] | None) -> Observation:
    color_path = next((folder / name for name in _COLOR_NAMES if (folder / name).exists()), folder / _COLOR_NAMES[0])
    depth_path, camera_path = folder / "depth.png", folder / "camera.json"
    color = read_color(color_path)
    described = _camera_file(camera_path, color.shape[1], color.shape[0])
    depth = read_depth(depth_path, described.depth_scale)
    camera = Camera(described.intrinsics, color.shape[1], color.shape[0])
    if described.depth_camera is not None and described.color_from_depth is not None:
        check_intrinsics(camera.intrinsics, camera.width, camera.height, str(camera_path))
        depth = _registered(depth, described.depth_camera, camera, described.color_from_depth.float(), depth_path)
    boxes_path = folder / "boxes.json"
    if boxes is None:
        found = checked_boxes(_boxes(boxes_path), camera, str(boxes_path))
    else:
        found = checked_boxes(boxes, camera)
    masks = _masks(folder / "masks", found, camera) if boxes is None else None
    return checked_observation(color, depth, camera, found, masks, (str(color_path), str(depth_path), str(camera_path)))


def _registered(
    depth: Tensor, depth_camera: Camera, camera: Camera, color_from_depth: Tensor, path: Path
) -> Float[Tensor, "height width"]:
    if depth.shape != (depth_camera.height, depth_camera.width):
        raise InputError(
            f"{path}: is {depth.shape[1]} x {depth.shape[0]}, but camera.json says that the depth camera has "
            f"{depth_camera.width} x {depth_camera.height} pixels; correct one of them."
        )
    check_depth(depth, str(path))
    result = registered_depth(depth, depth_camera, camera, color_from_depth)
    if not bool((result > 0).any()):
        raise InputError(f"{path}: nothing of it is in the colour camera's view; check color_from_depth (in metres).")
    return result


def _camera_file(path: Path, width: int, height: int) -> _CameraFile:
    values = mapping_of(read_json(path), str(path), _CAMERA_KEYS)
    intrinsics = intrinsics_from(numbers_of(values, "cam_K", str(path)), str(path))
    scale = depth_scale_from(values, str(path))
    said = (values.get("width", width), values.get("height", height))
    if said != (width, height):
        raise InputError(
            f"{path}: says {said[0]} x {said[1]} pixels, but the colour image has {width} x {height}; K must "
            "be that of the image as it is."
        )
    if "depth" not in values:
        return _CameraFile(intrinsics, scale, None, None)
    name = f"{path}: 'depth'"
    other = mapping_of(values["depth"], name, _DEPTH_KEYS)
    columns, rows = (integer_of(other, key, name, least=1) for key in ("width", "height"))
    matrix = intrinsics_from(numbers_of(other, "cam_K", name), name)
    check_intrinsics(matrix, columns, rows, name)
    return _CameraFile(intrinsics, scale, Camera(matrix, columns, rows), rigid_of(other, "color_from_depth", name))


def _boxes(path: Path) -> tuple[Box, ...]:
    if not path.exists():
        return ()
    entries = list_of(read_json(path), str(path), 'write [{"label": "mug", "xyxy": [left, top, right, bottom]}]')
    if all(isinstance(entry, dict) and entry.get("xyxy", 0) is None for entry in entries):
        return ()  # Labels alone: somebody else, such as a detector, has to say where.
    return tuple(_box(entry, f"{path}: box {index}", index) for index, entry in enumerate(entries))


def _box(entry: Any, source: str, index: int) -> Box:
    values = mapping_of(entry, source, ("label", "xyxy"))
    label = text_of(values, "label", source) if "label" in values else f"object-{index}"
    if required(values, "xyxy", source) is None:
        raise InputError(f"{source}: xyxy is null; give left, top, right, bottom in pixels, as for the other boxes.")
    x0, y0, x1, y1 = numbers_of(values, "xyxy", source, 4)
    return Box(label, (x0, y0, x1, y1))


def _masks(folder: Path, boxes: tuple[Box, ...], camera: Camera) -> Bool[Tensor, "boxes height width"] | None:
    if not folder.is_dir():
        return None
    names = sorted(path.name for path in folder.glob("*.png"))
    expected = [f"{index:06d}.png" for index in range(len(boxes))]
    if names != expected:
        missing, extra = sorted(set(expected) - set(names)), sorted(set(names) - set(expected))
        odd = f"{missing[0]} is missing" if missing else f"{extra[0]} has no box"
        raise InputError(f"{folder}: {odd}; there must be one mask a box, {len(boxes)} in all, or no masks folder.")
    masks = [read_mask(folder / name) for name in names]
    for name, mask in zip(names, masks, strict=True):
        if mask.shape != (camera.height, camera.width):
            raise InputError(
                f"{folder / name}: is {mask.shape[1]} x {mask.shape[0]}, but the colour image is {camera.width} x "
                f"{camera.height}; masks must have its size."
            )
    return torch.stack(masks) if masks else torch.zeros(0, camera.height, camera.width, dtype=torch.bool)
