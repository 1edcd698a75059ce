"""CLEVR-POSE: rendered primitives on a table."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.dataset_folder import chosen, missing_layout, not_hidden, present_folder
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, Sample
from dig_framework.image_files import read_color, read_levels
from dig_framework.interfaces.dataset import Dataset
from dig_framework.mask_boxes import boxes_of
from dig_framework.numpy_files import read_array
from dig_framework.observation_checks import checked_observation

_FOCAL, _MIDDLE, _SIZE = 616.94434, (320.0, 240.0), (480, 640)
_FILES = ("depth.npy", "image.png", "masks.png", "label.pkl")
"""Any of these makes a folder a scene, so that one that lacks another is named and not passed over."""


class ClevrPoseDataset(Dataset):
    """Images, depth and masks of CLEVR-POSE; labels and poses are left alone.

    A scene folder holds `image.png`, `depth.npy` [m], `masks.png`, in which object k has the grey value 20 k, and
    `label.pkl`. What a label holds is not documented, and unpickling runs whatever code a file names, so labels are
    not read: the dataset has true masks, but no true objects.
    """

    layout: ClassVar[str] = "clevr-pose"
    obtain: ClassVar[str] = (
        "Unpack https://github.com/oarriaga/altamira-data/releases/download/v0.21/CLEVR-POSE.zip and give the folder "
        "CLEVR-POSE, which holds scenes/*/image.png."
    )

    path: Path = Field(description="The folder CLEVR-POSE, which holds `scenes`, or one such as `scenes`")

    def names(self) -> list[str]:
        """Return the names of the scene folders, in order.

        Raises:
            InputError: If there is none.
        """
        return [folder.name for folder in self._folders]

    def sample(self, name: str) -> Sample:
        """Return one image with true masks.

        Raises:
            InputError: If there is no such scene, or a file of it is not what it should be.
        """
        folder = self._folders[chosen(self.path, name, self.names())]
        color, depth = read_color(folder / "image.png"), _depth(folder / "depth.npy")
        camera = Camera.from_focal(_FOCAL, _FOCAL, *_MIDDLE, _SIZE[1], _SIZE[0])
        if color.shape[:2] != _SIZE:
            raise InputError(f"{folder / 'image.png'}: is {color.shape[1]} x {color.shape[0]}, not 640 x 480.")
        masks = _masks(folder / "masks.png")
        sources = (str(folder / "image.png"), str(folder / "depth.npy"), "camera of CLEVR-POSE")
        boxes = boxes_of(masks, "primitive")
        observation = checked_observation(color, depth, camera, boxes, masks, sources)
        return Sample(name, observation, GroundTruth(masks=masks))

    @cached_property
    def _folders(self) -> list[Path]:
        folder = present_folder(self.path, self.obtain)
        below = folder / "scenes" if (folder / "scenes").is_dir() else folder
        found = {path.parent for name in _FILES for path in not_hidden(below.glob(f"*/{name}"), below)}
        if not found:
            raise missing_layout(folder, "scenes/*/depth.npy", self.obtain)
        return sorted(found)


def _depth(path: Path) -> Float[Tensor, "height width"]:
    values = np.squeeze(read_array(path))
    if values.shape != _SIZE or values.dtype.kind != "f":
        raise InputError(
            f"{path}: holds {values.dtype} of shape {values.shape}; depth is a float [480, 640] in metres."
        )
    # Rays that meet nothing are infinitely deep.
    return torch.from_numpy(np.where(np.isfinite(values) & (values < 100), values, 0.0)).float()


def _masks(path: Path) -> Bool[Tensor, "boxes height width"]:
    levels = read_levels(path)
    if tuple(levels.shape) != _SIZE:
        raise InputError(f"{path}: is {levels.shape[1]} x {levels.shape[0]}, not 640 x 480.")
    values = [value for value in levels.unique().tolist() if value > 0]
    strange = [value for value in values if value % 20]
    if strange:
        raise InputError(
            f"{path}: has the grey value {strange[0]} at {int((levels == strange[0]).sum())} pixels, which is no "
            "object's; object k has 20 k."
        )
    if not values:
        raise InputError(f"{path}: shows no object; object k has the grey value 20 k.")
    return torch.stack([levels == value for value in values])
