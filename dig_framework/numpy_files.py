"""Arrays from numpy files, never executing what is in them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from dig_framework.atomic_files import read_bytes
from dig_framework.errors import InputError


def read_array(path: Path) -> np.ndarray:
    """Return the array of a `.npy` file.

    Raises:
        InputError: If it is missing, cut off, no numpy file, or holds anything but numbers.
    """
    data = read_bytes(path)
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # numpy parses the header as Python, which has many ways to fail.
        raise InputError(f"{path}: is truncated or no numpy file of numbers ({error}); get it again.") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise InputError(f"{path}: holds no array of numbers; get it again.")
    return values
