"""Meshes of the truth, from files of any common format."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch

from dig_framework.atomic_files import read_bytes
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh

_LARGEST, _SMALLEST = 10.0, 1e-3


def read_mesh(path: Path, metres_per_unit: float = 1.0) -> Mesh:
    """Return the triangles of a file (OBJ, PLY, STL, GLB, OFF ...) in metres, in float32, without colours.

    The last few that were read are kept, until their files change.

    Args:
        path: The file.
        metres_per_unit: Scale, such as 0.001 for a file in millimetres.

    Raises:
        InputError: If it is missing, no mesh, without faces, not finite, or less than 1 mm or more than 10 m across.
    """
    try:
        changed = path.stat().st_mtime_ns
    except (OSError, ValueError):
        changed = 0
    return _read(path, metres_per_unit, changed)


@functools.lru_cache(maxsize=64)
def _read(path: Path, metres_per_unit: float, changed: int) -> Mesh:
    # The time of the last change is part of the key, so that an edited file is read again.
    import io

    import trimesh

    data = read_bytes(path)
    try:
        loaded = trimesh.load_mesh(io.BytesIO(data), file_type=path.suffix.lower().lstrip("."), process=False)
    except Exception as error:  # The readers raise whatever a broken file provokes in them.
        problem = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
        raise InputError(f"{path}: is no mesh that can be read ({problem}); write it again.") from error
    faces = np.asarray(getattr(loaded, "faces", ()), np.int64).reshape(-1, 3)
    vertices = np.asarray(getattr(loaded, "vertices", ()), np.float64).reshape(-1, 3) * metres_per_unit
    _check(path, vertices, faces)
    return Mesh(torch.from_numpy(vertices).float(), torch.from_numpy(faces))


def _check(path: Path, vertices: np.ndarray, faces: np.ndarray) -> None:
    if not len(faces):
        raise InputError(f"{path}: holds no faces; a surface is needed, not points.")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise InputError(f"{path}: a face names vertex {int(faces.max())} of {len(vertices)}; it is damaged.")
    if not np.isfinite(vertices).all():
        raise InputError(f"{path}: has vertices that are NaN or infinite; it is damaged.")
    size = float(np.ptp(vertices[faces.ravel()], axis=0).max())
    if not _SMALLEST <= size <= _LARGEST:
        raise InputError(
            f"{path}: is {size:g} m across, which no object on a table is; it seems to be in another unit, so scale it."
        )
