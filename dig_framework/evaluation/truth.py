"""Where the truth of an image comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dig_framework import plugins
from dig_framework.dataset_folder import not_hidden
from dig_framework.errors import InputError
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.dataset import Dataset


def open_dataset(path: Path, reader: str | None = None, settings: dict[str, Any] | None = None) -> Dataset:
    """Return a folder as a dataset.

    Args:
        path: The folder.
        reader: Name of an installed dataset; None takes `bop` where there is a scene_camera.json at some depth, else
            `folder`.
        settings: Further settings of the reader.

    Raises:
        ComponentError: If there is no such reader.
        InputError: If the folder is not there.
    """
    if not path.is_dir():
        raise InputError(f"{path}: is no folder; give a dataset, a folder of scene folders, or run directories.")
    name = reader or ("bop" if not_hidden(path.rglob("scene_camera.json"), path) else "folder")
    dataset = plugins.load("dataset", name).model_validate({**(settings or {}), "path": path})
    assert isinstance(dataset, Dataset)
    return dataset


def scene_sample(folder: Path) -> Sample:
    """Return the image of one scene folder with its truth.

    Raises:
        InputError: If it is no scene folder, or a file in it is not what it should be.
    """
    dataset = open_dataset(folder, "folder")
    names = dataset.names()
    if len(names) != 1:
        raise InputError(f"{folder}: holds {len(names)} scenes; give one of them.")
    return dataset.sample(names[0])
