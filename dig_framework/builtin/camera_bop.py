"""Datasets in the BOP format as a camera."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dig_framework.bop_files import bop_images, bop_scenes, load_bop_image
from dig_framework.errors import InputError
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation import Observation


class BopCamera(CameraDevice):
    """Plays back every image of a BOP scene, split or dataset, in order of scene and number."""

    plays: ClassVar[Literal["", "scene folders", "bop"]] = "bop"

    path: Path = Field(description="A folder at or below which there are scenes, each with scene_camera.json")
    first: int = Field(default=0, ge=0, description="How many images to leave out")

    def capture(self) -> Observation:
        """Return the next image, with boxes and masks of what is visible if the dataset has them.

        Raises:
            InputError: If there is no scene or no further image, or one is not what it should be.
        """
        frame = next(self._frames, None)
        if frame is None:
            raise InputError(f"{self.path}: all its images were taken; make a new camera to start over.")
        return load_bop_image(*frame)

    @cached_property
    def _frames(self) -> Iterator[tuple[Path, int]]:
        frames = [(scene, number) for scene in bop_scenes(self.path) for number in bop_images(scene)]
        return iter(frames[self.first :])
