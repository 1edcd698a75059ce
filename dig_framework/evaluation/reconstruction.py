"""What a run recovered, as far as its files can be read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from dig_framework.atomic_files import read_bytes, read_json
from dig_framework.errors import DigError, InputError
from dig_framework.json_fields import list_of, mapping_of, required
from dig_framework.mesh import Mesh
from dig_framework.mesh_files import read_mesh
from dig_framework.ply_files import mesh_from_ply
from dig_framework.scene import Scene, SceneObject
from dig_framework.scene_fields import failures_from_json, light_from_json, plane_from_json
from dig_framework.scene_object_fields import object_from_json


@dataclasses.dataclass(frozen=True)
class Reconstruction:
    """A recovered scene, and why parts of it are missing."""

    scene: Scene
    reasons: Mapping[int, str] = dataclasses.field(default_factory=dict)
    """Why there is no object for a box, by its place."""
    failure: str | None = None
    """Why there is no scene at all."""
    run: str | None = None
    """Its folder."""


def read_reconstruction(folder: Path) -> Reconstruction:
    """Return what a folder with `scene.json` holds; an object that cannot be read is missing, with the reason."""
    path = folder / "scene.json"
    try:
        values = mapping_of(read_json(path), str(path))
        entries = list_of(required(values, "objects", str(path)), f"{path}: objects")
        plane = plane_from_json(values.get("plane"), f"{path}: plane")
        lights = list_of(values.get("lights", []), f"{path}: lights")
        failures = failures_from_json(values.get("failures", []), f"{path}: failure")
        shining = tuple(light_from_json(item, f"{path}: light {place}") for place, item in enumerate(lights))
    except InputError as error:
        return Reconstruction(Scene(), failure=str(error), run=str(folder))
    reasons = {item.index: f"{item.stage}: {item.reason}" for item in failures}
    objects: dict[int, SceneObject] = {}
    for place, entry in enumerate(entries):
        try:
            item = object_from_json(entry, f"{path}: object {place}", folder, read_bytes, _any_mesh)
        except DigError as error:
            index = entry.get("index") if isinstance(entry, dict) else None
            reasons[index if isinstance(index, int) else -1 - place] = str(error)
            continue
        if item.index in objects:
            reasons[-1 - place] = f"{path}: object {place} has the index {item.index} of one before it, which counts."
            continue
        objects[item.index] = item
    return Reconstruction(Scene(tuple(objects.values()), shining, plane, failures), reasons, run=str(folder))


def _any_mesh(path: Path) -> Mesh:
    """Return a mesh as `save_scene` or any other program wrote it, since other methods are judged, too."""
    try:
        return mesh_from_ply(read_bytes(path), str(path))
    except InputError:
        return read_mesh(path)
