"""Datasets in the BOP format."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from dig_framework.atomic_files import read_json
from dig_framework.bop_files import bop_images, load_bop_image
from dig_framework.bop_models import models_folder
from dig_framework.bop_truth import load_bop_truth
from dig_framework.dataset_folder import chosen, missing_layout, not_hidden, present_folder
from dig_framework.errors import InputError
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.dataset import Dataset
from dig_framework.json_fields import integer_of, list_of, mapping_of

_Frame = tuple[str, Path, int]


class BopDataset(Dataset):
    """Every image of a dataset in the BOP format (Hodan et al., ECCV 2018), a split or a scene of it.

    Tested layouts are those of LM, LM-O, YCB-V, HOPE and T-LESS, and of our own scene generator. Names are
    `SPLIT-SCENE-IMAGE`, such as `test-000048-000001`.
    """

    layout: ClassVar[str] = "bop"
    obtain: ClassVar[str] = (
        "Download the base archive, the models and a split from https://bop.felk.cvut.cz/datasets (also "
        "https://huggingface.co/bop-benchmark), and unpack them into one folder: models/obj_000001.ply, "
        "test/000001/scene_camera.json, rgb/, depth/ ..."
    )

    path: Path = Field(description="The dataset, or a split or a scene of it")
    split: str | None = Field(
        default=None, description="Which of its folders, such as test, val or test_primesense; null takes all scenes"
    )
    models: str | None = Field(
        default=None, description="Folder of the object models; null takes models, models_cad or models_reconst"
    )
    targets: str | None = Field(
        default=None, description="File that lists the images to take, such as test_targets_bop19.json; null takes all"
    )
    symmetry_step: float = Field(
        default=0.01, gt=0, le=1, description="Largest step of sampled turns about an axis of symmetry [diameters]"
    )

    def names(self) -> list[str]:
        """Return the names of all images, in the order of split, scene and number.

        Raises:
            InputError: If there is no scene, no folder called `models`, or `targets` fits no image or images of
                several splits.
        """
        return [name for name, _, _ in self._frames]

    def sample(self, name: str) -> Sample:
        """Return one image, with boxes and masks of what is visible, and its true objects.

        Raises:
            InputError: If there is no such image, or a file of it is not what it should be.
        """
        frames = self._frames
        _, scene, number = frames[chosen(self.path, name, [frame[0] for frame in frames])]
        observation = load_bop_image(scene, number)
        models = models_folder(self.path, self.models)
        return Sample(name, observation, load_bop_truth(scene, number, models, observation, self.symmetry_step))

    @cached_property
    def _frames(self) -> list[_Frame]:
        root = present_folder(self.path, self.obtain)
        start = root / self.split if self.split else root
        scenes = [path.parent for path in not_hidden(start.rglob("scene_camera.json"), start)]
        if not scenes:
            where = f"{self.split}/**/scene_camera.json" if self.split else "scene_camera.json at any depth"
            raise missing_layout(root, where, self.obtain)
        if self.models is not None and models_folder(root, self.models) is None:
            raise missing_layout(root, f"folder {self.models!r}, which was to hold the models", self.obtain)
        frames = [(_name(root, scene, number), scene, number) for scene in scenes for number in bop_images(scene)]
        return frames if self.targets is None else self._targeted(frames, root / self.targets)

    def _targeted(self, frames: list[_Frame], path: Path) -> list[_Frame]:
        wanted = self._targets(path)
        found: dict[tuple[int, int], _Frame] = {}
        for frame in frames:
            key = (_scene_number(frame[1]), frame[2])
            if key in wanted and key in found:
                raise InputError(
                    f"{path}: means both {found[key][0]} and {frame[0]}; say with split which folder it is for."
                )
            if key in wanted:
                found[key] = frame
        if not found:
            raise InputError(
                f"{path}: none of its {len(wanted)} images is among the {len(frames)} that are there, such as "
                f"{frames[0][0]}; take another split or other targets."
            )
        return list(found.values())

    def _targets(self, path: Path) -> set[tuple[int, int]]:
        entries = [mapping_of(item, str(path)) for item in list_of(read_json(path), str(path))]
        if not entries:
            raise InputError(f"{path}: lists no image.")
        return {(integer_of(item, "scene_id", str(path)), integer_of(item, "im_id", str(path))) for item in entries}


def _name(root: Path, scene: Path, number: int) -> str:
    parts = scene.relative_to(root).parts or (scene.resolve().name,)
    return "-".join([*parts, f"{number:06d}"])


def _scene_number(scene: Path) -> int:
    return int(scene.name) if scene.name.isdigit() else -1
