"""Where the truth of an image comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dig_framework import plugins
from dig_framework.config_errors import settings_error
from dig_framework.dataset_folder import not_hidden
from dig_framework.errors import ConfigUsageError, DigError, InputError
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
        ConfigUsageError: If a setting is none of the reader's, or does not fit.
    """
    if not path.is_dir():
        raise InputError(f"{path}: is no folder; give a dataset, a folder of scene folders, or run directories.")
    name = reader or ("bop" if not_hidden(path.rglob("scene_camera.json"), path) else "folder")
    kind = plugins.load("dataset", name)
    try:
        dataset = kind.model_validate({**(settings or {}), "path": path})
    except ValidationError as error:
        raise ConfigUsageError(str(settings_error(error, kind, f"-d of dataset {name}"))) from error
    if not isinstance(dataset, Dataset):
        raise InputError(f"dataset {name!r} is a {kind.__name__}, which reads no datasets; choose another one.")
    return dataset


def read_sample(dataset: Dataset, name: str) -> Sample:
    """Return one image of a dataset; whatever its reader stumbles over is told as what is wrong with the image.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        return dataset.sample(name)
    except DigError as error:
        raise InputError(str(error)) from error
    except Exception as error:  # Readers are other people's, too, and one image must not end an evaluation.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{name}: reader {type(dataset).__name__} cannot read it ({reason}).") from error


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
