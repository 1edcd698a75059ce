"""Segmentations as a folder: `masks/NNN.png`, `plane.json` and `segmentation.json`."""

from __future__ import annotations

from pathlib import Path

import torch

from dig_framework.atomic_files import read_json, write_json
from dig_framework.errors import InputError
from dig_framework.image_files import read_mask, write_mask
from dig_framework.json_fields import integer_of, mapping_of, required
from dig_framework.scene_fields import failures_from_json, failures_to_json, plane_from_json, plane_to_json
from dig_framework.stages.segmentation import Segmentation


def save_segmentation(segmentation: Segmentation, folder: str | Path) -> None:
    """Write a segmentation so that `load_segmentation` returns the same bits (planes in float32)."""
    place = Path(folder)
    (place / "segmentation.json").unlink(missing_ok=True)
    boxes, height, width = segmentation.masks.shape
    for index, mask in enumerate(segmentation.masks):
        write_mask(place / mask_name(index), mask)
    write_json(place / "plane.json", plane_to_json(segmentation.plane))
    sizes = {"boxes": boxes, "height": height, "width": width}
    write_json(place / "segmentation.json", {**sizes, "failures": failures_to_json(segmentation.failures)})


def load_segmentation(folder: str | Path) -> Segmentation:
    """Return the segmentation of a folder.

    Raises:
        InputError: If a file is missing or damaged; names it.
    """
    place = Path(folder)
    path = place / "segmentation.json"
    values = mapping_of(read_json(path), str(path), ("boxes", "height", "width", "failures"))
    boxes, height, width = (integer_of(values, key, str(path)) for key in ("boxes", "height", "width"))
    masks = torch.zeros(boxes, height, width, dtype=torch.bool)
    for index in range(boxes):
        mask = read_mask(place / mask_name(index))
        if mask.shape != (height, width):
            raise InputError(
                f"{place / mask_name(index)}: is {mask.shape[1]} x {mask.shape[0]}, not {width} x {height}; "
                "segment again."
            )
        masks[index] = mask
    plane = plane_from_json(read_json(place / "plane.json"), str(place / "plane.json"))
    failures = failures_from_json(required(values, "failures", str(path)), f"{path}: failure")
    return Segmentation(masks, plane, failures)


def mask_name(index: int) -> str:
    """Return the path of a box's mask, relative to the segmentation's folder."""
    return f"masks/{index:03d}.png"
