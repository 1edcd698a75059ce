"""What an object may be besides its best mesh, as JSON values and numpy files, and back."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.json_fields import mapping_of, number_of, numbers_of, text_of
from dig_framework.mesh import Mesh
from dig_framework.shape_posterior import ShapePosterior

_KEYS = (
    *("samples", "deviation", "weights", "extents_m", "extent_change_m", "centre_m", "centre_change_m"),
    *("yaw_change_rad", "failure"),
)


def posterior_to_json(posterior: ShapePosterior, mesh: Mesh, index: int) -> dict[str, Any]:
    """Return its fields, arrays by the names that `posterior_files` gives them.

    `extents_m` and `centre_m` are for readers of the file; they follow from the mesh and the changes.
    """
    return {
        "samples": _name(index, "samples"),
        "deviation": _name(index, "deviation"),
        "weights": posterior.weights.tolist(),
        "extents_m": posterior.extents(mesh).tolist(),
        "extent_change_m": posterior.extent_change.tolist(),
        "centre_m": posterior.centre(mesh).tolist(),
        "centre_change_m": posterior.centre_change.tolist(),
        "yaw_change_rad": posterior.yaw_change.tolist(),
        "failure": posterior.failure,
    }


def posterior_files(posterior: ShapePosterior, index: int) -> dict[str, bytes]:
    """Return the content of its files by their names in the scene's folder."""
    return {
        _name(index, "samples"): _to_bytes(posterior.offsets),
        _name(index, "deviation"): _to_bytes(posterior.deviation),
    }


def posterior_from_json(
    value: Any, source: str, folder: Path, read: Callable[[Path], bytes], vertices: int
) -> ShapePosterior:
    """Return what `posterior_to_json` and `posterior_files` wrote, bit for bit.

    Args:
        value: What the file says.
        source: What it is called in an error.
        folder: Where its files are.
        read: Gives their content.
        vertices: Number of vertices of the mesh that it belongs to.

    Raises:
        InputError: If a field or a file is absent or not what it should be.
    """
    values = mapping_of(value, source, _KEYS)
    weights = torch.tensor(numbers_of(values, "weights", source))
    if not len(weights) or bool((weights < 0).any()) or abs(float(weights.double().sum()) - 1) > 1e-4:
        raise InputError(f"{source}: weights are {weights.tolist()}; give one a sample, none negative, sum one.")
    failure = number_of(values, "failure", source, least=0.0)
    if failure > 1:
        raise InputError(f"{source}: failure is {failure:g}; a probability is at most 1.")
    return ShapePosterior(
        offsets=_array(values, "samples", source, folder, read, (len(weights), vertices, 3)),
        weights=weights,
        deviation=_array(values, "deviation", source, folder, read, (vertices,)),
        extent_change=_bounds(values, "extent_change_m", source),
        centre_change=_bounds(values, "centre_change_m", source),
        yaw_change=torch.tensor(numbers_of(values, "yaw_change_rad", source, 2)),
        failure=failure,
    )


def _name(index: int, kind: str) -> str:
    return f"meshes/{index:03d}.{kind}.npy"


def _to_bytes(values: Tensor) -> bytes:
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(values.detach().cpu().numpy(), np.float32))
    return content.getvalue()


def _array(
    values: dict[str, Any],
    key: str,
    source: str,
    folder: Path,
    read: Callable[[Path], bytes],
    shape: tuple[int, ...],
) -> Tensor:
    path = folder / text_of(values, key, source)
    data = read(path)
    try:
        found = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as problem:  # numpy parses the header as Python, which has many ways to fail.
        raise InputError(f"{path}: is truncated or no numpy file of numbers; write it with save_scene.") from problem
    if not isinstance(found, np.ndarray) or found.dtype != np.float32 or found.shape != shape:
        wanted = ", ".join(map(str, shape))
        raise InputError(f"{path}: holds {_described(found)}; {source} needs float32 [{wanted}].")
    if not np.isfinite(found).all():
        raise InputError(f"{path}: has values that are NaN or infinite; write it with save_scene.")
    return torch.from_numpy(found)


def _described(found: Any) -> str:
    return f"{found.dtype} of shape {found.shape}" if isinstance(found, np.ndarray) else "no array"


def _bounds(values: dict[str, Any], key: str, source: str) -> Tensor:
    found = torch.tensor(numbers_of(values, key, source, 6)).reshape(2, 3)
    if not bool(found.isfinite().all()):
        raise InputError(f"{source}: {key} is beyond what float32 can hold; give metres.")
    return found
