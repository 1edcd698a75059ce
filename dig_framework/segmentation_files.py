"""Masks and the support plane as a folder: `segmentation.json` and `masks/NNN.png`."""

from __future__ import annotations

from pathlib import Path

import torch

from dig_framework.atomic_files import read_json, write_json
from dig_framework.errors import InputError
from dig_framework.image_files import read_mask, write_mask
from dig_framework.json_fields import list_of, mapping_of, numbers_of, required
from dig_framework.scene_fields import failures_from_json, failures_to_json, plane_from_json, plane_to_json
from dig_framework.stages.segmentation import Segmentation

_NAME = "segmentation.json"
_KEYS = ("schema", "size", "masks", "plane", "failures")


def save_segmentation(segmentation: Segmentation, folder: Path) -> None:
    """Write a segmentation so that reading it gives the same bits."""
    boxes, height, width = segmentation.masks.shape
    names = [f"masks/{index:03d}.png" for index in range(boxes)]
    for name, mask in zip(names, segmentation.masks, strict=True):
        write_mask(folder / name, mask)
    values = {
        "schema": 1,
        "size": [height, width],
        "masks": names,
        "plane": plane_to_json(segmentation.plane),
        "failures": failures_to_json(segmentation.failures),
    }
    write_json(folder / _NAME, values)


def load_segmentation(folder: Path) -> Segmentation:
    """Return the segmentation of a folder.

    Raises:
        InputError: If a file is missing or something in it is not what it should be.
    """
    source = str(folder / _NAME)
    values = mapping_of(read_json(folder / _NAME), source, _KEYS)
    height, width = (int(edge) for edge in numbers_of(values, "size", source, 2))
    masks = [read_mask(folder / str(name)) for name in list_of(required(values, "masks", source), source)]
    if any(mask.shape != (height, width) for mask in masks):
        raise InputError(f"{source}: a mask is not {width} x {height} pixels; run the segment stage again.")
    return Segmentation(
        masks=torch.stack(masks) if masks else torch.zeros((0, height, width), dtype=torch.bool),
        plane=plane_from_json(required(values, "plane", source), f"{source}: plane"),
        failures=failures_from_json(required(values, "failures", source), f"{source}: failure"),
    )
