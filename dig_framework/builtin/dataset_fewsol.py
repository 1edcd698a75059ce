"""FewSOL: nine RGBD views of each of several hundred objects."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Float64
from pydantic import Field
from torch import Tensor

from dig_framework.atomic_files import read_bytes
from dig_framework.camera import Camera
from dig_framework.dataset_folder import chosen, missing_layout, not_hidden, present_folder
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, Sample, TrueObject
from dig_framework.image_files import read_color, read_depth
from dig_framework.interfaces.dataset import Dataset
from dig_framework.json_fields import rigid_of
from dig_framework.mask_boxes import box_around
from dig_framework.mask_files import read_object_mask
from dig_framework.mesh_files import read_mesh
from dig_framework.observation_checks import checked_observation, intrinsics_from
from dig_framework.pose import Pose
from dig_framework.truth_scale import check_truth_scale

_Frame = tuple[str, Path, str]
_ENDINGS = ("-color.jpg", "-depth.png", "-label-binary.png", "-meta.mat")
"""Any of these makes a view, so that one that lacks another is named and not passed over."""
_STANDARD = (611.10888672, 0.0, 315.51083374, 0.0, 610.02844238, 237.73669434, 0.0, 0.0, 1.0)
"""K of the recordings whose meta file has none [px]."""


class FewsolDataset(Dataset):
    """Views of the single objects of FewSOL (Padalunkal et al., ICRA 2023); names are `OBJECT-VIEW`.

    A view is `000000-color.jpg`, `-depth.png` [mm], `-label-binary.png` and `-meta.mat`, with `name.txt` beside it.
    Real objects have masks but no meshes, so no true objects; their poses stand for a marker board, not for the object.
    Synthetic ones have `objects_in_camera` in the meta file, and their meshes are Google Scanned Objects in
    `google_scan_selected/OBJECT/meshes/model.obj`; where that file is absent there is no true object either.
    """

    layout: ClassVar[str] = "fewsol"
    obtain: ClassVar[str] = (
        "Download the archives real_objects, synthetic_objects and google_scan_selected from "
        "https://irvlutd.github.io/FewSOL and unpack them into one folder: real_objects/0320T173759/000000-color.jpg."
    )

    path: Path = Field(description="The folder that holds real_objects or synthetic_objects")
    part: str = Field(default="real_objects", description="real_objects or synthetic_objects")

    def names(self) -> list[str]:
        """Return the names of all views, by object and number.

        Raises:
            InputError: If there is none.
        """
        return [name for name, _, _ in self._frames]

    def sample(self, name: str) -> Sample:
        """Return one view.

        Raises:
            InputError: If there is no such view, or a file of it is not what it should be.
        """
        _, folder, view = self._frames[chosen(self.path, name, self.names())]
        color_path, depth_path = folder / f"{view}-color.jpg", folder / f"{view}-depth.png"
        meta_path, mask_path = folder / f"{view}-meta.mat", folder / f"{view}-label-binary.png"
        color, depth, meta = read_color(color_path), read_depth(depth_path, 1.0), _meta(meta_path)
        mask, label = read_object_mask(mask_path, color.shape[1], color.shape[0]), _label(folder)
        camera = Camera(_intrinsics(meta, meta_path), color.shape[1], color.shape[0])
        sources = (str(color_path), str(depth_path), str(meta_path))
        boxes = (box_around(mask, label),)
        observation = checked_observation(color, depth, camera, boxes, mask[None], sources)
        objects = self._objects(folder, label, meta, meta_path)
        check_truth_scale(objects, observation, str(depth_path), f"{meta_path}: objects_in_camera")
        return Sample(name, observation, GroundTruth(objects, masks=mask[None]))

    @cached_property
    def _frames(self) -> list[_Frame]:
        root = present_folder(self.path, self.obtain)
        part = root / self.part
        found = [path for ending in _ENDINGS for path in not_hidden(part.glob(f"*/*{ending}"), part)]
        if not found:
            raise missing_layout(root, f"{self.part}/*/*-color.jpg", self.obtain)
        views = sorted({(path.parent, path.name.partition("-")[0]) for path in found})
        return [(f"{folder.name}-{view}", folder, view) for folder, view in views]

    def _objects(self, folder: Path, label: str, meta: dict[str, Any], source: Path) -> tuple[TrueObject, ...]:
        mesh = self.path / "google_scan_selected" / folder.name / "meshes" / "model.obj"
        if "objects_in_camera" not in meta or not mesh.is_file():
            return ()
        poses = _numbers(meta, "objects_in_camera", source).squeeze()
        if poses.shape != (4, 4):
            raise InputError(
                f"{source}: objects_in_camera has shape {tuple(poses.shape)}; one object has one 4 x 4 pose."
            )
        pose = rigid_of({"objects_in_camera": poses.tolist()}, "objects_in_camera", str(source))
        return (TrueObject(label, 0, read_mesh(mesh), Pose.from_matrix(pose.float())),)


def _label(folder: Path) -> str:
    path = folder / "name.txt"
    text = read_bytes(path).decode("utf-8", "replace").strip()
    return text or folder.name


def _meta(path: Path) -> dict[str, Any]:
    import io

    from scipy.io import loadmat

    try:
        return loadmat(io.BytesIO(read_bytes(path)))
    except InputError:
        raise
    except Exception as error:  # The reader raises whatever a broken file provokes in it.
        raise InputError(f"{path}: is truncated or no MATLAB file ({error}); get it again.") from error


def _intrinsics(meta: dict[str, Any], path: Path) -> Float[Tensor, "3 3"]:
    given = "intrinsic_matrix" in meta
    values = _numbers(meta, "intrinsic_matrix", path).flatten().tolist() if given else _STANDARD
    return intrinsics_from(values, str(path))


def _numbers(meta: dict[str, Any], key: str, path: Path) -> Float64[Tensor, "..."]:
    values = np.asarray(meta[key])
    if values.dtype.kind not in "fiu":
        raise InputError(
            f"{path}: {key} is of type {values.dtype}; a matrix of real numbers is expected, get it again."
        )
    return torch.from_numpy(values.astype(np.float64))
