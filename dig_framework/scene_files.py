"""Scenes as a folder: `scene.json`, one mesh file an object, and `scene.glb` for viewers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from dig_framework.atomic_files import read_bytes, read_json, write_atomic
from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.glb_files import scene_to_glb
from dig_framework.json_fields import integer_of, list_of, mapping_of, numbers_of, required
from dig_framework.observation_checks import check_intrinsics, intrinsics_from
from dig_framework.scene import Scene
from dig_framework.scene_checks import (
    check_finite,
    check_indices,
    check_object_shapes,
    check_observing,
    check_returned,
)
from dig_framework.scene_fields import (
    failures_from_json,
    failures_to_json,
    light_from_json,
    light_to_json,
    plane_from_json,
    plane_to_json,
)
from dig_framework.scene_object_fields import object_files, object_from_json, object_to_json

SCHEMA = 1
_KEYS = ("schema", "camera", "plane", "objects", "lights", "failures")


def save_scene(scene: Scene, folder: str | Path, camera: Camera, masks: Mapping[int, str] | None = None) -> None:
    """Write a scene, in float32 and with scales moved into the meshes, so that `load_scene` returns the same bits.

    The content of every file is made and read back first: a scene that cannot be written leaves the folder as it was.
    Then `scene.json` is removed first and written last: a folder that has one is complete.

    Args:
        scene: What to write.
        folder: Gets `scene.json`, `scene.glb`, `meshes/NNN.ply` by the objects' index and, where an object has a
            texture, `meshes/NNN.texture.npy`.
        camera: That which observed the scene.
        masks: Path of the mask image, relative to the folder, by object index.

    Raises:
        InputError: If a value is one that `load_scene` would not return, such as a NaN, a negative mass, an empty mesh
            or an index that is there twice, or the camera is that of a novel view.
    """
    place = Path(folder)
    files = _content(scene, place, camera, masks or {})
    (place / "scene.json").unlink(missing_ok=True)
    for path, content in files.items():
        write_atomic(path, content)


def load_scene(folder: str | Path) -> Scene:
    """Return the scene of a folder.

    Raises:
        InputError: If a file is missing or damaged, or a value cannot be what it should be; names file and value.
    """
    path = Path(folder) / "scene.json"
    return _scene_from_json(read_json(path), path, read_bytes)


def load_scene_camera(folder: str | Path) -> Camera:
    """Return the camera that observed the scene of a folder.

    Raises:
        InputError: If the file is missing or damaged, or K does not fit the image size.
    """
    path = Path(folder) / "scene.json"
    return _camera_from_json(read_json(path), path)


def _content(scene: Scene, place: Path, camera: Camera, masks: Mapping[int, str]) -> dict[Path, bytes]:
    """Return what the files of a scene hold, `scene.json` last."""
    check_observing(camera)
    check_indices((item.index for item in scene.objects), "scene")
    for item in scene.objects:
        check_object_shapes(item)
    baked = scene.detach().baked().to("cpu", torch.float32)
    check_finite(baked)
    files = {place / name: data for item in baked.objects for name, data in object_files(item).items()}
    path = place / "scene.json"
    text = _text(_scene_to_json(baked, camera, masks))
    values = json.loads(text)
    check_returned(baked, _scene_from_json(values, path, files.__getitem__))
    _camera_from_json(values, path)
    return {**files, place / "scene.glb": _glb(baked), path: _encoded(text)}


def _text(values: dict[str, Any]) -> str:
    try:
        return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    except (TypeError, ValueError) as problem:
        raise InputError(
            f"scene.json: cannot hold a value ({problem}); use Python's own numbers and texts."
        ) from problem


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        line = text[: problem.start].rpartition("\n")[2] + text[problem.start :].partition("\n")[0]
        raise InputError(
            f"scene.json: {line.strip()!a} has a character that UTF-8 cannot write; remove it."
        ) from problem


def _glb(scene: Scene) -> bytes:
    try:
        return scene_to_glb(scene)
    except ValueError as problem:
        raise InputError(f"scene.glb: positions overflow float32 ({problem}); give the scene in metres.") from problem


def _scene_to_json(scene: Scene, camera: Camera, masks: Mapping[int, str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "camera": {
            "cam_K": camera.intrinsics.flatten().tolist(),
            "width": camera.width,
            "height": camera.height,
        },
        "plane": plane_to_json(scene.plane),
        "objects": [object_to_json(item, masks.get(item.index)) for item in scene.objects],
        "lights": [light_to_json(light) for light in scene.lights],
        "failures": failures_to_json(scene.failures),
    }


def _scene_from_json(content: Any, path: Path, read: Callable[[Path], bytes]) -> Scene:
    values, source = _fields(content, path), str(path)
    objects = list_of(required(values, "objects", source), f"{source}: objects")
    lights = list_of(values.get("lights", []), f"{source}: lights")
    scene = Scene(
        tuple(
            object_from_json(item, f"{source}: object {number}", path.parent, read)
            for number, item in enumerate(objects)
        ),
        tuple(light_from_json(item, f"{source}: light {number}") for number, item in enumerate(lights)),
        plane_from_json(values.get("plane"), f"{source}: plane"),
        failures_from_json(values.get("failures", []), f"{source}: failure"),
    )
    check_indices((item.index for item in scene.objects), source)
    return scene


def _camera_from_json(content: Any, path: Path) -> Camera:
    source = f"{path}: camera"
    entry = mapping_of(required(_fields(content, path), "camera", str(path)), source, ("cam_K", "width", "height"))
    matrix = intrinsics_from(numbers_of(entry, "cam_K", source), source)
    width, height = (integer_of(entry, key, source, least=1) for key in ("width", "height"))
    check_intrinsics(matrix, width, height, source)
    if not bool(matrix.isfinite().all()):
        raise InputError(f"{source}: cam_K is beyond what float32 can hold; give focal lengths and centre in pixels.")
    return Camera(matrix, width, height)


def _fields(content: Any, path: Path) -> dict[str, Any]:
    values = mapping_of(content, str(path), _KEYS)
    version = integer_of(values, "schema", str(path))
    if version != SCHEMA:
        raise InputError(f"{path}: has schema {version}, this version reads {SCHEMA}; use the version that wrote it.")
    return values
