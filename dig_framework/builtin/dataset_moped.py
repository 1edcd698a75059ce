"""MOPED: videos of single objects with fused meshes."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.atomic_files import read_bytes, read_json
from dig_framework.camera import Camera
from dig_framework.dataset_folder import chosen, missing_layout, not_hidden, present_folder
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, Sample, TrueObject
from dig_framework.image_files import read_color, read_depth
from dig_framework.interfaces.dataset import Dataset
from dig_framework.json_fields import mapping_of, numbers_of, rigid_of
from dig_framework.mask_boxes import box_around
from dig_framework.mask_files import read_object_mask
from dig_framework.mesh_files import read_mesh
from dig_framework.observation_checks import checked_observation, intrinsics_from
from dig_framework.pose import Pose
from dig_framework.truth_scale import check_truth_scale


@dataclasses.dataclass(frozen=True)
class _Frame:
    name: str
    label: str
    folder: Path
    number: int


class MopedDataset(Dataset):
    """Frames of MOPED (Park et al., LatentFusion, CVPR 2020) that have a mask; names are `OBJECT-KIND-VIDEO-FRAME`.

    The true surface is the fused mesh of the reference videos. It is open where no camera looked, and includes what
    was not cropped away; poses are those of the dense reconstruction, registered to the first reference video.
    """

    layout: ClassVar[str] = "moped"
    obtain: ClassVar[str] = (
        "Download MOPED from https://keunhong.com/publications/latentfusion/ and give the folder that holds one folder "
        "an object: cheezit/evaluation/00/color/, depth/, mask/, intrinsics.json, scene/trajectory.log, "
        "registration/registration.json, and cheezit/reference/integrated_raw.obj."
    )

    path: Path = Field(description="The folder that holds one folder an object")
    kind: Literal["evaluation", "reference"] = Field(default="evaluation", description="Which videos to take")
    every: int = Field(default=1, ge=1, description="Take every n-th frame that has a mask")

    def names(self) -> list[str]:
        """Return the names of all frames with a mask, in the order of object, video and frame.

        Raises:
            InputError: If there is none.
        """
        return [frame.name for frame in self._frames]

    def sample(self, name: str) -> Sample:
        """Return one frame and its object.

        Raises:
            InputError: If there is no such frame, or a file of it is not what it should be.
        """
        frame = self._frames[chosen(self.path, name, self.names())]
        folder, stem = frame.folder, _stem(frame)
        color_path, depth_path = folder / "color" / f"{stem}.jpg", folder / "depth" / f"{stem}.png"
        color, depth = read_color(color_path), read_depth(depth_path, 1.0)
        mask = read_object_mask(folder / "mask" / f"{stem}.png", color.shape[1], color.shape[0])
        camera = Camera(_intrinsics(folder / "intrinsics.json"), color.shape[1], color.shape[0])
        sources = (str(color_path), str(depth_path), str(folder / "intrinsics.json"))
        boxes = (box_around(mask, frame.label),)
        observation = checked_observation(color, depth, camera, boxes, mask[None], sources)
        mesh = read_mesh(self.path / frame.label / "reference" / "integrated_raw.obj")
        pose = Pose.from_matrix(_camera_from_object(folder, frame.number).float())
        item = TrueObject(frame.label, 0, mesh, pose)
        check_truth_scale((item,), observation, str(depth_path), str(folder / "scene" / "trajectory.log"))
        return Sample(name, observation, GroundTruth((item,), masks=mask[None]))

    @cached_property
    def _frames(self) -> list[_Frame]:
        root = present_folder(self.path, self.obtain)
        masks = not_hidden(root.glob(f"*/{self.kind}/*/mask/*.png"), root)
        if not masks:
            raise missing_layout(root, f"*/{self.kind}/*/mask/*.png", self.obtain)
        frames = []
        for mask in masks[:: self.every]:
            video = mask.parent.parent
            label = video.parent.parent.name
            if not mask.stem.isdigit():
                raise InputError(f"{mask}: is no frame; masks are called by the number of their frame.")
            name = f"{label}-{self.kind}-{video.name}-{mask.stem}"
            frames.append(_Frame(name, label, video, int(mask.stem)))
        return frames


def _stem(frame: _Frame) -> str:
    return frame.name.rpartition("-")[2]


def _intrinsics(path: Path) -> Float[Tensor, "3 3"]:
    """Return K; the file lists it column by column, as Open3D does."""
    values = mapping_of(read_json(path), str(path))
    k = numbers_of(values, "intrinsic_matrix", str(path), 9)
    return intrinsics_from([k[3 * column + row] for row in range(3) for column in range(3)], str(path))


def _camera_from_object(folder: Path, number: int) -> Float[Tensor, "4 4"]:
    """Return the pose of the reference reconstruction in a frame's camera [m], in float64.

    The trajectory has world_from_camera of every frame of the video, and the registration reference_from_world.
    """
    path = folder / "scene" / "trajectory.log"
    camera_from_world = torch.linalg.inv(_trajectory_entry(path, number))
    for name in ("manual.json", "registration.json"):
        place = folder / "registration" / name
        if place.exists():
            reference = rigid_of(mapping_of(read_json(place), str(place)), "transform", str(place))
            return camera_from_world @ torch.linalg.inv(reference)
    return camera_from_world


def _trajectory_entry(path: Path, number: int) -> Float[Tensor, "4 4"]:
    """Return the matrix of a frame in an Open3D trajectory: per frame a line of integers and four of a matrix."""
    lines = read_bytes(path).decode("ascii", "replace").splitlines()
    rows = lines[5 * number + 1 : 5 * number + 5]
    if len(rows) < 4:
        raise InputError(f"{path}: has {len(lines) // 5} poses, but frame {number} has a mask; get it again.")
    try:
        matrix = [[float(word) for word in row.split()] for row in rows]
    except ValueError as error:
        raise InputError(f"{path}: the pose of frame {number} is no matrix ({error}); get it again.") from error
    return rigid_of({"pose": matrix}, "pose", f"{path}: frame {number}")
