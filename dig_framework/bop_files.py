"""Images of datasets in the BOP format (Hodan et al., ECCV 2018), scene by scene."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaxtyping import Bool
from torch import Tensor

from dig_framework.atomic_files import read_json
from dig_framework.camera import Camera
from dig_framework.dataset_folder import not_hidden
from dig_framework.errors import InputError
from dig_framework.image_files import read_color, read_depth
from dig_framework.json_fields import integer_of, list_of, mapping_of, number_of, numbers_of
from dig_framework.mask_files import read_masks
from dig_framework.observation import Box, Observation
from dig_framework.observation_checks import checked_boxes, checked_observation, depth_scale_from, intrinsics_from


def bop_scenes(folder: Path) -> list[Path]:
    """Return every scene folder at or below a folder, in order.

    Raises:
        InputError: If there is none.
    """
    found = [path.parent for path in not_hidden(folder.rglob("scene_camera.json"), folder)]
    if not found:
        raise InputError(f"{folder}: holds no scene_camera.json at any depth; give a BOP dataset, split or scene.")
    return found


def bop_images(scene: Path) -> list[int]:
    """Return the numbers of a scene's images, in order.

    Raises:
        InputError: If `scene_camera.json` cannot be read.
    """
    path = scene / "scene_camera.json"
    entries = mapping_of(read_json(path), str(path))
    if not entries or not all(key.isdigit() for key in entries):
        raise InputError(f"{path}: its keys are {', '.join(entries) or 'missing'}; image numbers are expected.")
    return sorted(int(key) for key in entries)


def load_bop_image(scene: Path, image: int | None = None, boxes: Sequence[Box] | None = None) -> Observation:
    """Return one image of a BOP scene; boxes are those of the visible parts, labels `obj_000001`, ...

    Objects of which nothing is visible are left out. Masks come from `mask_visib`, if it is there.

    Args:
        scene: Folder with `scene_camera.json`, `rgb/`, `depth/` and, optionally, `scene_gt.json`,
            `scene_gt_info.json` and `mask_visib/`.
        image: Number of the image; None takes the first.
        boxes: Replace those of the dataset, and with them the masks.

    Raises:
        InputError: If there is no such image or a file cannot be what it should be.
    """
    numbers = bop_images(scene)
    number = numbers[0] if image is None else image
    if number not in numbers:
        raise InputError(
            f"{scene}: has no image {number}; scene_camera.json lists {len(numbers)}, {numbers[0]} to {numbers[-1]}."
        )
    path = scene / "scene_camera.json"
    source = f"{path}: image {number}"
    entry = mapping_of(bop_entry(path, number), source)
    color_path, depth_path = _file(scene, "rgb", number), _file(scene, "depth", number)
    color = read_color(color_path)
    camera = Camera(intrinsics_from(numbers_of(entry, "cam_K", source), source), color.shape[1], color.shape[0])
    depth = read_depth(depth_path, depth_scale_from(entry, source))
    visible = [] if boxes is not None else visible_objects(scene, number)
    if boxes is None:
        found = checked_boxes([box for _, box in visible], camera, f"{scene / 'scene_gt_info.json'}: image {number}")
    else:
        found = tuple(boxes)
    masks = _masks(scene, number, [index for index, _ in visible], camera) if boxes is None else None
    return checked_observation(color, depth, camera, found, masks, (str(color_path), str(depth_path), source))


def visible_objects(scene: Path, number: int) -> list[tuple[int, Box]]:
    """Return the place in `scene_gt.json` and the box of every object of an image of which something is visible.

    Raises:
        InputError: If `scene_gt.json` and `scene_gt_info.json` do not fit together or lack a field.
    """
    truth_path, info_path = scene / "scene_gt.json", scene / "scene_gt_info.json"
    if not truth_path.exists() or not info_path.exists():
        return []
    truths = list_of(bop_entry(truth_path, number), f"{truth_path}: image {number}")
    infos = list_of(bop_entry(info_path, number), f"{info_path}: image {number}")
    if len(truths) != len(infos):
        raise InputError(f"{info_path}: image {number} has {len(infos)} objects, scene_gt.json has {len(truths)}.")
    result = []
    for index, (truth, info) in enumerate(zip(truths, infos, strict=True)):
        source = f"{info_path}: image {number}, object {index}"
        x, y, width, height = numbers_of(mapping_of(info, source), "bbox_visib", source, 4)
        share = visible_share(info, source)
        if share and min(width, height) < 0:
            raise InputError(f"{source}: bbox_visib is {width:g} x {height:g} px, but visib_fract is {share:g}.")
        if width > 0 and height > 0 and (share is None or share > 0):
            identity = integer_of(mapping_of(truth, source), "obj_id", f"{truth_path}: image {number}, object {index}")
            result.append((index, Box(f"obj_{identity:06d}", (x, y, x + width, y + height))))
    return result


def visible_share(info: dict[str, Any], source: str) -> float | None:
    """Return the visible share of an object's pixels, None if it is not given.

    Raises:
        InputError: If it is no share.
    """
    if "visib_fract" not in info:
        return None
    share = number_of(info, "visib_fract", source, 0.0)
    if share > 1:
        raise InputError(f"{source}: visib_fract is {share:g}; give the visible share of the pixels, up to 1.")
    return share


def _masks(scene: Path, number: int, indices: list[int], camera: Camera) -> Bool[Tensor, "boxes height width"] | None:
    if not indices or not (scene / "mask_visib").is_dir():
        return None
    paths = [scene / "mask_visib" / f"{number:06d}_{index:06d}.png" for index in indices]
    return read_masks(paths, camera.width, camera.height)


def bop_entry(path: Path, number: int) -> Any:
    """Return what a file of a scene says about one image.

    Raises:
        InputError: If the file cannot be read, or says nothing about that image.
    """
    entries = mapping_of(read_json(path), str(path))
    if str(number) not in entries:
        raise InputError(f"{path}: has no image {number}; it lists {len(entries)} others.")
    return entries[str(number)]


def _file(scene: Path, kind: str, number: int) -> Path:
    for suffix in (".png", ".jpg", ".jpeg", ".tif"):
        path = scene / kind / f"{number:06d}{suffix}"
        if path.exists():
            return path
    return scene / kind / f"{number:06d}.png"
