"""Object models of datasets in the BOP format, and the motions that leave them as they are."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.atomic_files import read_json
from dig_framework.errors import InputError
from dig_framework.json_fields import list_of, mapping_of, number_of, numbers_of
from dig_framework.mesh import Mesh
from dig_framework.mesh_files import read_mesh

_FOLDERS = ("models", "models_cad", "models_reconst", "models_eval")
_FACTOR = 2.0
"""By how much a model's longest side and its written diameter may differ."""


def models_folder(path: Path, name: str | None = None) -> Path | None:
    """Return the folder with the models of a dataset, of which `path` is the root, a split or a scene.

    Args:
        path: Where to look; and in the two folders above.
        name: Of the folder; None takes `models`, or `models_cad` or `models_reconst` as T-LESS has them.
    """
    place = path.resolve()
    for root in (place, place.parent, place.parent.parent):
        for option in _FOLDERS if name is None else (name,):
            if (root / option).is_dir():
                return root / option
    return None


def bop_model(models: Path, identity: int, source: str) -> Mesh:
    """Return the mesh of an object [m]; files are in millimetres.

    Raises:
        InputError: If there is none of that number, and lists those that there are; or if `models_info.json` is there
            and its diameter is more than twice, or less than half of, the mesh's longest side. `source` says who asks.
    """
    path = models / f"obj_{identity:06d}.ply"
    if not path.is_file():
        known = sorted(item.stem for item in models.glob("obj_*.ply"))
        shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        raise InputError(f"{source}: obj_id {identity} is unknown; {models} holds {shown or 'no obj_*.ply'}.")
    mesh = read_mesh(path, 1e-3)
    _check_size(mesh, models, identity, path)
    return mesh


def _check_size(mesh: Mesh, models: Path, identity: int, path: Path) -> None:
    """Compare the longest side, which is between the diameter and 1 / sqrt(3) of it, with what is written."""
    information = _information(models, identity)
    if "diameter" not in information:
        return
    info = models / "models_info.json"
    diameter = number_of(information, "diameter", f"{info}: object {identity}")
    side = 1e3 * float((mesh.vertices.amax(0) - mesh.vertices.amin(0)).max())
    if not diameter / _FACTOR <= side <= diameter * _FACTOR:
        raise InputError(
            f"{path}: is {side:.4g} mm long, but {info} gives object {identity} a diameter of {diameter:.4g} mm; one "
            "of the two is in another unit."
        )


def _information(models: Path, identity: int) -> dict[str, Any]:
    """Return what `models_info.json` says about an object, nothing if that file is not there."""
    path = models / "models_info.json"
    if not path.exists():
        return {}
    entries = mapping_of(read_json(path), str(path))
    if str(identity) not in entries:
        raise InputError(
            f"{path}: says nothing about object {identity}, so its symmetries are unknown; it lists {len(entries)} "
            "others. Add it, {} if it has no symmetry."
        )
    return mapping_of(entries[str(identity)], f"{path}: object {identity}")


def bop_symmetries(models: Path, identity: int, step: float = 0.01) -> Float[Tensor, "symmetries 4 4"]:
    """Return the motions of a model's frame under which it looks the same [m], the identity first.

    Discrete ones come from `symmetries_discrete`, and each is followed by the turns about the axis of
    `symmetries_continuous`, sampled finely enough for the point farthest from the axis to travel at most `step` of the
    diameter (BOP 2019's `max_sym_disc_step`): pi / step turns, rounded up.

    Args:
        models: Folder with `models_info.json`; without that file there is the identity alone.
        identity: Number of the object.
        step: As above.

    Raises:
        InputError: If a symmetry is no rigid motion, or the file says nothing about the object.
    """
    source = f"{models / 'models_info.json'}: object {identity}"
    values = _information(models, identity)
    given = list_of(values.get("symmetries_discrete", []), f"{source}: symmetries_discrete")
    discrete = [np.eye(4), *(_rigid(item, f"{source}: symmetries_discrete") for item in given)]
    turns = [np.eye(4)]
    for item in list_of(values.get("symmetries_continuous", []), f"{source}: symmetries_continuous"):
        turns += _turns(mapping_of(item, source), f"{source}: symmetries_continuous", step)
    return torch.from_numpy(np.stack([turn @ motion for motion in discrete for turn in turns])).float()


def _rigid(item: Any, source: str) -> np.ndarray:
    matrix = np.array(numbers_of({"matrix": item}, "matrix", source, 16), float).reshape(4, 4)
    matrix[:3, 3] *= 1e-3
    rotation = matrix[:3, :3]
    if not np.abs(rotation @ rotation.T - np.eye(3)).max() < 1e-2 or not np.linalg.det(rotation) > 0:
        raise InputError(f"{source}: a matrix is not rigid; give rotation and translation [mm] above 0 0 0 1.")
    return matrix


def _turns(item: dict[str, Any], source: str, step: float) -> list[np.ndarray]:
    """Return all turns about an axis but the identity."""
    from scipy.spatial.transform import Rotation

    axis = np.array(numbers_of(item, "axis", source, 3), float)
    offset = np.array(numbers_of(item, "offset", source, 3), float) * 1e-3
    length = float(np.linalg.norm(axis))
    if not 0 < length < math.inf:
        raise InputError(f"{source}: axis is {axis.tolist()}; give a direction.")
    count = math.ceil(math.pi / step)
    result = []
    for number in range(1, count):
        turn = np.eye(4)
        turn[:3, :3] = Rotation.from_rotvec(axis / length * (2 * math.pi * number / count)).as_matrix()
        turn[:3, 3] = offset - turn[:3, :3] @ offset
        result.append(turn)
    return result
