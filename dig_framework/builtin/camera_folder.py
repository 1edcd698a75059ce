"""Scene folders as a camera."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dig_framework.dataset_folder import not_hidden
from dig_framework.errors import InputError
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation import Observation
from dig_framework.observation_files import load_observation


class FolderCamera(CameraDevice):
    """Plays back one scene folder, or every scene folder below a folder, by name."""

    plays: ClassVar[Literal["", "scene folders", "bop"]] = "scene folders"

    path: Path = Field(description="A folder with rgb.png, depth.png and camera.json, or a folder of such folders")

    def capture(self) -> Observation:
        """Return the next image.

        Raises:
            InputError: If there is no folder or no further image, or one is not what it should be.
        """
        folder = next(self._folders, None)
        if folder is None:
            raise InputError(f"{self.path}: all its images were taken; make a new camera to start over.")
        return load_observation(folder)

    @cached_property
    def _folders(self) -> Iterator[Path]:
        if not self.path.is_dir():
            raise InputError(f"{self.path}: is no folder; give a scene folder or a folder of scene folders.")
        if (self.path / "camera.json").exists():
            return iter([self.path])
        found = [path.parent for path in not_hidden(self.path.glob("*/camera.json"), self.path)]
        if not found:
            raise InputError(f"{self.path}: neither it nor a folder in it holds camera.json; give a scene folder.")
        return iter(found)
