"""What is true of a scene folder: its `gt.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dig_framework.atomic_files import read_json
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, TrueObject
from dig_framework.json_fields import integer_of, list_of, mapping_of, number_of, required, rigid_of, text_of
from dig_framework.mesh_files import read_mesh
from dig_framework.observation import Observation
from dig_framework.pose import Pose
from dig_framework.scene_fields import plane_from_json


def load_truth(folder: Path, observation: Observation) -> GroundTruth:
    """Return the true objects of a scene folder; without a `gt.json` none are known.

    The file holds `objects`, each with `label`, `index` (the place of its box, or null), `mesh` (a file in metres,
    relative to the folder), `camera_from_object` (4 x 4) and `visible_fraction`, and may hold the `plane`. The
    folder's masks count as the true ones.

    Args:
        folder: The scene folder.
        observation: The image in it.

    Raises:
        InputError: If the file or a mesh that it names is not what it should be; names it.
    """
    path = folder / "gt.json"
    if not path.exists():
        return GroundTruth(masks=observation.masks)
    values = mapping_of(read_json(path), str(path))
    entries = list_of(required(values, "objects", str(path)), f"{path}: objects")
    objects = [_object(folder, entry, f"{path}: object {place}", observation) for place, entry in enumerate(entries)]
    _check_indices([item.index for item in objects], path)
    plane = plane_from_json(values.get("plane"), f"{path}: plane")
    return GroundTruth(tuple(objects), plane, masks=observation.masks)


def _object(folder: Path, entry: Any, source: str, observation: Observation) -> TrueObject:
    values = mapping_of(entry, source)
    index = None if values.get("index") is None else integer_of(values, "index", source)
    boxes = len(observation.boxes)
    if not boxes:
        index = None  # Boxes are left to a detector, so none of them shows this object.
    if index is not None and index >= boxes:
        raise InputError(f"{source}: index is {index}, but there are {boxes} boxes; give the place of its box or null.")
    fraction = None if values.get("visible_fraction") is None else number_of(values, "visible_fraction", source)
    return TrueObject(
        text_of(values, "label", source),
        index,
        read_mesh(folder / text_of(values, "mesh", source)),
        Pose.from_matrix(rigid_of(values, "camera_from_object", source).float()),
        None if fraction is None or fraction < 0 else fraction,  # A share of -1 says that it is not known.
    )


def _check_indices(indices: list[int | None], path: Path) -> None:
    known = [index for index in indices if index is not None]
    twice = sorted({index for index in known if known.count(index) > 1})
    if twice:
        raise InputError(f"{path}: {known.count(twice[0])} objects have the index {twice[0]}; each box shows one.")
