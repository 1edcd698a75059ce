"""Scene folders with `gt.json` as a dataset."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from dig_framework.dataset_folder import chosen, missing_layout, not_hidden, present_folder
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.dataset import Dataset
from dig_framework.observation_files import load_observation
from dig_framework.scene_truth_files import load_truth
from dig_framework.truth_scale import check_truth_scale


class FolderDataset(Dataset):
    """Every scene folder below a folder, by name; a scene folder by itself is a dataset of one."""

    layout: ClassVar[str] = "scene folders"
    obtain: ClassVar[str] = (
        "Give a scene folder (rgb.png, depth.png, camera.json, boxes.json and gt.json), or a folder of such folders; "
        "the embedded demo scene is one."
    )

    path: Path = Field(description="A scene folder, or a folder of scene folders")

    def names(self) -> list[str]:
        """Return the names of the folders that hold camera.json, in order.

        Raises:
            InputError: If there is none.
        """
        return [folder.name for folder in self._folders]

    def sample(self, name: str) -> Sample:
        """Return the image in one folder, and what its gt.json says.

        Raises:
            InputError: If there is no such folder, a file in it is not what it should be, or depth and poses are in
                different units.
        """
        folder = self._folders[chosen(self.path, name, self.names())]
        observation = load_observation(folder)
        truth = load_truth(folder, observation)
        camera, poses = folder / "camera.json", folder / "gt.json"
        check_truth_scale(truth.objects, observation, f"{camera}: depth_scale", str(poses))
        return Sample(name, observation, truth)

    @cached_property
    def _folders(self) -> list[Path]:
        folder = present_folder(self.path, self.obtain)
        if (folder / "camera.json").exists():
            return [folder.resolve()]
        found = [path.parent for path in not_hidden(folder.glob("*/camera.json"), folder)]
        if not found:
            raise missing_layout(folder, "camera.json and no folder with one", self.obtain)
        return found
