"""What is true of an image of a scene in the BOP format."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_framework.bop_files import bop_entry, visible_objects, visible_share
from dig_framework.bop_models import bop_model, bop_symmetries
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, TrueObject
from dig_framework.image_files import read_depth
from dig_framework.json_fields import integer_of, list_of, mapping_of, number_of, numbers_of, rigid_of, text_of
from dig_framework.mask_files import read_masks
from dig_framework.observation import Observation
from dig_framework.observation_checks import depth_scale_from
from dig_framework.pose import Pose
from dig_framework.scene_fields import light_from_json, material_from_json, plane_from_json
from dig_framework.truth_scale import check_truth_scale

_EXTRA = "dig_truth.json"


def load_bop_truth(
    scene: Path, number: int, models: Path | None, observation: Observation, step: float = 0.01
) -> GroundTruth:
    """Return the true objects of an image, and what our own generator knows besides.

    Masks are those of `mask_visib`. The optional `dig_truth.json` holds, by image number, `plane`, `lights`, `objects`
    (`name`, `material`, `mass` [kg], `friction`, in the order of `scene_gt.json`), and the names of folders:
    `depth_true` of depth images without noise, `masks_true` of masks without errors.

    Args:
        scene: Folder with `scene_gt.json`; without that file no object is known.
        number: Of the image.
        models: Folder with the object models; may be None where no object is known.
        observation: The image.
        step: See `bop_symmetries`.

    Raises:
        InputError: If a file is missing or not what it should be, or depth and poses are in different units; names it.
    """
    path = scene / "scene_gt.json"
    entries = list_of(bop_entry(path, number), f"{path}: image {number}") if path.exists() else []
    if entries and models is None:
        raise InputError(f"{path}: its objects need models, but no models folder is near {scene}; download it as well.")
    boxes = {place: index for index, (place, _) in enumerate(visible_objects(scene, number))}
    if len(boxes) != len(observation.boxes):
        boxes = {}
    fractions = _fractions(scene, number, len(entries))
    objects = tuple(
        dataclasses.replace(
            _object(models, entry, f"{path}: image {number}, object {place}", step),
            index=boxes.get(place),
            visible_fraction=fractions[place],
        )
        for place, entry in enumerate(entries)
        if models is not None
    )
    scale = f"{scene / 'scene_camera.json'}: image {number}: depth_scale"
    check_truth_scale(objects, observation, scale, f"{path}: image {number}")
    truth = GroundTruth(objects, masks=observation.masks)
    return _extended(scene, number, truth, observation, list(boxes)) if (scene / _EXTRA).exists() else truth


def _object(models: Path, entry: Any, source: str, step: float) -> TrueObject:
    values = mapping_of(entry, source)
    identity = integer_of(values, "obj_id", source)
    pose = rigid_of({"pose": _matrix(values, source)}, "pose", source)
    mesh = bop_model(models, identity, source)
    symmetries = bop_symmetries(models, identity, step)
    return TrueObject(f"obj_{identity:06d}", None, mesh, Pose.from_matrix(pose.float()), symmetries=symmetries)


def _matrix(values: dict[str, Any], source: str) -> list[list[float]]:
    """Return camera_from_model; rotations of some datasets are written with four digits, so the nearest one counts."""
    rotation = torch.tensor(numbers_of(values, "cam_R_m2c", source, 9), dtype=torch.float64).reshape(3, 3)
    shift = numbers_of(values, "cam_t_m2c", source, 3)
    if not bool(rotation.isfinite().all()) or float((rotation @ rotation.mT - torch.eye(3)).abs().max()) > 0.02:
        raise InputError(f"{source}: cam_R_m2c is no rotation; give nine numbers row by row.")
    left, _, right = torch.linalg.svd(rotation)
    rows = (left @ right).tolist()
    return [[*row, float(part) * 1e-3] for row, part in zip(rows, shift, strict=True)] + [[0.0, 0.0, 0.0, 1.0]]


def _fractions(scene: Path, number: int, count: int) -> list[float | None]:
    path = scene / "scene_gt_info.json"
    if not path.exists():
        return [None] * count
    source = f"{path}: image {number}"
    infos = list_of(bop_entry(path, number), source)
    return [visible_share(mapping_of(info, source), f"{source}, object {place}") for place, info in enumerate(infos)]


def _extended(scene: Path, number: int, truth: GroundTruth, view: Observation, visible: list[int]) -> GroundTruth:
    path = scene / _EXTRA
    source = f"{path}: image {number}"
    values = mapping_of(bop_entry(path, number), source)
    lights = list_of(values.get("lights", []), f"{source}: lights")
    extras = list_of(values.get("objects", []), f"{source}: objects")
    if extras and len(extras) != len(truth.objects):
        raise InputError(f"{source}: describes {len(extras)} objects, scene_gt.json has {len(truth.objects)}.")
    objects = tuple(
        _described(item, mapping_of(extra, source), f"{source}: object {place}")
        for place, (item, extra) in enumerate(zip(truth.objects, extras, strict=False))
    )
    return truth.replace(
        objects=objects or truth.objects,
        plane=plane_from_json(values.get("plane"), f"{source}: plane"),
        lights=tuple(light_from_json(light, f"{source}: light {place}") for place, light in enumerate(lights)),
        depth=_true_depth(scene, number, values, source, view),
        masks=_true_masks(scene, number, values, source, visible, view),
    )


def _described(item: TrueObject, extra: dict[str, Any], source: str) -> TrueObject:
    material = extra.get("material")
    numbers = {
        key: None if extra.get(key) is None else number_of(extra, key, source, 0.0) for key in ("mass", "friction")
    }
    return dataclasses.replace(
        item,
        label=text_of(extra, "name", source) if "name" in extra else item.label,
        material=None if material is None else material_from_json(material, f"{source}: material"),
        **numbers,
    )


def _true_depth(
    scene: Path, number: int, values: dict[str, Any], source: str, view: Observation
) -> Float[Tensor, "height width"] | None:
    if values.get("depth_true") is None:
        return None
    path = scene / "scene_camera.json"
    scale = depth_scale_from(mapping_of(bop_entry(path, number), str(path)), str(path))
    file = scene / text_of(values, "depth_true", source) / f"{number:06d}.png"
    depth = read_depth(file, scale)
    if depth.shape != view.depth.shape:
        height, width = view.depth.shape
        raise InputError(f"{file}: is {depth.shape[1]} x {depth.shape[0]}, but its image is {width} x {height}.")
    return depth


def _true_masks(
    scene: Path, number: int, values: dict[str, Any], source: str, visible: list[int], view: Observation
) -> Bool[Tensor, "boxes height width"] | None:
    """Return the masks without errors, those of the image if there are no others."""
    if values.get("masks_true") is None or not visible:
        return view.masks
    folder = scene / text_of(values, "masks_true", source)
    paths = [folder / f"{number:06d}_{place:06d}.png" for place in visible]
    return read_masks(paths, view.camera.width, view.camera.height)
