"""Meshes that are known beforehand, and perhaps where they are, from files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.atomic_files import read_json
from dig_framework.errors import InputError
from dig_framework.json_fields import integer_of, list_of, mapping_of, required, rigid_of, text_of
from dig_framework.observation import Box

KINDS = (".obj", ".ply", ".glb", ".stl", ".off")
"""Endings of mesh files, in the order in which they are looked for."""

LISTS = ("poses.json", "gt.json")
"""Files that say which mesh is in which box, in the order in which they are looked for."""


@dataclasses.dataclass(frozen=True)
class KnownMesh:
    """A mesh file for a box, and where the mesh is said to be."""

    path: Path
    camera_from_mesh: Float[Tensor, "4 4"] | None
    """In float64; None if it is to be found."""


def known_mesh(path: Path, index: int | None, boxes: Sequence[Box]) -> KnownMesh:
    """Return the mesh that a file or folder gives for a box.

    A file is the mesh of every box. A folder holds `poses.json` or `gt.json`: `objects`, each with `index` (the place
    of its box) or `label`, `mesh` (relative to the folder) and, if it is known, `camera_from_object` (4 x 4); without
    them, mesh files named by the label or the place of the box, such as `mug.obj` or `0.obj`.

    Args:
        path: The file or folder.
        index: Place of the box; None if it is not known, and then only a file will do.
        boxes: All boxes.

    Raises:
        InputError: If there is none for this box, or a file is not what it should be; names it.
    """
    if path.is_file():
        return KnownMesh(path, None)
    if not path.is_dir():
        raise InputError(f"{path}: is neither a mesh file nor a folder; give the path of one.")
    if index is None:
        raise InputError(f"{path}: is a folder, but the evidence does not say which box it is of; give a mesh file.")
    label = boxes[index].label
    for name in LISTS:
        if (path / name).exists():
            return _listed(path, path / name, index, label)
    for stem in (label, str(index), f"{index:06d}"):
        for kind in KINDS:
            if (path / f"{stem}{kind}").is_file():
                return KnownMesh(path / f"{stem}{kind}", None)
    raise InputError(
        f"{path}: holds no mesh for box {index} ({label}); name one {label}.obj or {index}.obj, or write {LISTS[0]}."
    )


def files_of(path: Path) -> list[Path]:
    """Return the files that meshes are read from, as far as they can be told; none where there is nothing."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        return []
    files = sorted(item for item in path.iterdir() if item.suffix.lower() in KINDS and item.is_file())
    lists = [path / name for name in LISTS if (path / name).is_file()]
    for item in lists[:1]:
        entries = read_json(item).get("objects", ())
        files += sorted({path / str(entry["mesh"]) for entry in entries if "mesh" in entry})
    return [*lists, *(item for item in files if item.is_file())]


def _listed(folder: Path, source: Path, box: int, label: str) -> KnownMesh:
    entries = list_of(
        required(mapping_of(read_json(source), str(source)), "objects", str(source)), f"{source}: objects"
    )
    named = [(mapping_of(entry, f"{source}: object {place}"), place) for place, entry in enumerate(entries)]
    for entry, place in named:
        if entry.get("index") is not None and integer_of(entry, "index", f"{source}: object {place}") == box:
            return _entry(folder, entry, f"{source}: object {place}")
    for entry, place in named:
        if entry.get("index") is None and entry.get("label") == label:
            return _entry(folder, entry, f"{source}: object {place}")
    raise InputError(f"{source}: no object has index {box} or, without an index, label {label!r}; add it.")


def _entry(folder: Path, entry: dict[str, Any], source: str) -> KnownMesh:
    pose = rigid_of(entry, "camera_from_object", source) if entry.get("camera_from_object") is not None else None
    return KnownMesh(folder / text_of(entry, "mesh", source), None if pose is None else pose.to(torch.float64))
