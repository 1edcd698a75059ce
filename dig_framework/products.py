"""How what stages give is written into their folders and read back."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import Any

from dig_framework.camera import Camera


@dataclasses.dataclass(frozen=True)
class Product:
    """A kind of data that passes between stages, and its files."""

    module: str
    save_name: str
    load_name: str
    with_camera: bool = False
    """Whether saving also needs the camera that saw it."""

    def save(self, value: Any, folder: Path, camera: Camera) -> None:
        """Write the value's files into a folder."""
        save = getattr(importlib.import_module(self.module), self.save_name)
        save(value, folder, camera) if self.with_camera else save(value, folder)

    def load(self, folder: Path) -> Any:
        """Return the value of a folder's files, to the bit what was saved.

        Raises:
            InputError: If a file is missing or not what it should be.
        """
        return getattr(importlib.import_module(self.module), self.load_name)(folder)


PRODUCTS = {
    "segmentation": Product("dig_framework.segmentation_files", "save_segmentation", "load_segmentation"),
    "scene": Product("dig_framework.scene_files", "save_scene", "load_scene", with_camera=True),
    "grasping": Product("dig_framework.grasp_files", "save_grasping", "load_grasping"),
    "execution": Product("dig_framework.execution_files", "save_execution", "load_execution"),
}
"""By the name under which stages give and need it."""
