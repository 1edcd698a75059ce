"""The folder that a dataset is in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dig_framework.errors import InputError
from dig_framework.plugins import did_you_mean


def present_folder(path: Path, obtain: str) -> Path:
    """Return a dataset's folder if it is there.

    Raises:
        InputError: If it is not; says how the data are obtained.
    """
    if not path.is_dir():
        raise InputError(f"{path}: is no folder, so the data are not there. {obtain}")
    return path


def missing_layout(path: Path, looked_for: str, obtain: str) -> InputError:
    """Return the error to raise where a folder holds nothing of a dataset.

    Args:
        path: The folder.
        looked_for: What it should hold, such as `scenes/*/label.pkl`.
        obtain: How the data are obtained and how their folder looks.
    """
    names = sorted(item.name for item in path.iterdir())
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return InputError(f"{path}: holds no {looked_for}, but {shown or 'nothing'}. {obtain}")


def not_hidden(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return paths below a folder in order, without those on whose way from there a name begins with a dot.

    Such files and folders are still being made, or are no part of the data, as what file managers leave behind.
    """
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(root).parts))


def chosen(path: Path, name: str, names: list[str]) -> int:
    """Return the place of a name among the images of a dataset.

    Raises:
        InputError: If it is not among them; suggests the nearest.
    """
    if name in names:
        return names.index(name)
    first = f"; the first is {names[0]!r}" if names else ""
    raise InputError(f"{path}: has no image called {name!r}.{did_you_mean(name, names)} It has {len(names)}{first}.")
