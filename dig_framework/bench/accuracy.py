"""Score reconstructions against true meshes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dig_framework.bench.scoring import Score, Surface, score
from dig_framework.errors import InputError
from dig_framework.scene import Scene


class Scored(NamedTuple):
    """One object of one scene."""

    scene: str
    label: str
    score: Score


def scenes_with_truth(data: Path) -> list[Path]:
    """Return the scene folders in a folder whose gt.json lists objects, by name."""
    return [path.parent for path in sorted(data.glob("*/gt.json")) if _true_objects(path.parent)]


def score_scene(folder: Path, scene: Scene | None) -> Iterator[Scored]:
    """Compare a reconstruction with the truth in a scene folder; what is missing scores as missing."""
    found = {item.index: item for item in scene.objects} if scene else {}
    for item in _true_objects(folder):
        guess = found.get(item["index"])
        mesh = guess.posed() if guess else None
        surface = Surface(mesh.vertices.double().numpy(), mesh.faces.numpy()) if mesh else None
        yield Scored(folder.name, item["label"], score(_true_surface(folder, item), surface))


def _true_objects(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "gt.json").read_text())["objects"]


def _true_surface(folder: Path, item: dict[str, Any]) -> Surface:
    import trimesh

    path = folder / item["mesh"]
    if not path.is_file():
        raise InputError(f"{folder / 'gt.json'}: names the mesh {item['mesh']}, but there is no file {path}.")
    mesh = trimesh.load_mesh(path, process=False)
    mesh.apply_transform(np.asarray(item["camera_from_object"], float))
    return Surface(np.asarray(mesh.vertices, float), np.asarray(mesh.faces, np.int64))
