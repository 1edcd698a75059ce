"""Scenes as a folder: `scene.json`, one mesh file an object, and `scene.glb` for viewers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dig_framework.atomic_files import read_json, write_atomic, write_json
from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.glb_files import scene_to_glb
from dig_framework.json_fields import (
    integer_of,
    list_of,
    mapping_of,
    number_of,
    numbers_of,
    required,
    rigid_of,
    text_of,
)
from dig_framework.observation_checks import check_intrinsics, intrinsics_from
from dig_framework.ply_files import read_ply, write_ply
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.scene_fields import (
    failures_from_json,
    failures_to_json,
    light_from_json,
    light_to_json,
    material_from_json,
    material_to_json,
    plane_from_json,
    plane_to_json,
    vector_of,
)
from dig_framework.texture_files import read_texture, write_texture

SCHEMA = 1
_KEYS = ("schema", "camera", "plane", "objects", "lights", "failures")
_OBJECT_KEYS = (
    *("label", "index", "mesh", "camera_from_object", "rotation_vector", "material", "mask", "converged"),
    *("uncertainty_m", "mass_kg", "friction", "texture"),
)


def save_scene(scene: Scene, folder: str | Path, camera: Camera, masks: Mapping[int, str] | None = None) -> None:
    """Write a scene, in float32 and with scales moved into the meshes, so that `load_scene` returns the same bits.

    `scene.json` is removed first and written last: a folder that has one is complete.

    Args:
        scene: What to write.
        folder: Gets `scene.json`, `scene.glb`, `meshes/NNN.ply` by the objects' index and, where an object has a
            texture, `meshes/NNN.texture.npy`.
        camera: That which observed the scene.
        masks: Path of the mask image, relative to the folder, by object index.

    Raises:
        InputError: If a number is not finite, two objects share an index, or the camera is that of a novel view.
    """
    place, baked = Path(folder), scene.detach().baked().to("cpu", torch.float32)
    _check(baked, camera)
    (place / "scene.json").unlink(missing_ok=True)
    for item in baked.objects:
        write_ply(place / _mesh_name(item), item.mesh, item.material.color)
        if item.mesh.texture is not None:
            write_texture(place / _texture_name(item), item.mesh.texture)
    write_atomic(place / "scene.glb", scene_to_glb(baked))
    write_json(place / "scene.json", _scene_to_json(baked, camera, masks or {}))


def load_scene(folder: str | Path) -> Scene:
    """Return the scene of a folder.

    Raises:
        InputError: If a file is missing or damaged, or a value cannot be what it should be; names file and value.
    """
    path, values = _read(folder)
    source = str(path)
    objects = list_of(required(values, "objects", source), f"{source}: objects")
    lights = list_of(values.get("lights", []), f"{source}: lights")
    return Scene(
        tuple(_object_from_json(item, path, number) for number, item in enumerate(objects)),
        tuple(light_from_json(item, f"{source}: light {number}") for number, item in enumerate(lights)),
        plane_from_json(values.get("plane"), f"{source}: plane"),
        failures_from_json(values.get("failures", []), f"{source}: failure"),
    )


def load_scene_camera(folder: str | Path) -> Camera:
    """Return the camera that observed the scene of a folder.

    Raises:
        InputError: If the file is missing or damaged, or K does not fit the image size.
    """
    path, values = _read(folder)
    source = f"{path}: camera"
    entry = mapping_of(required(values, "camera", str(path)), source, ("cam_K", "width", "height"))
    matrix = intrinsics_from(numbers_of(entry, "cam_K", source), source)
    width, height = (integer_of(entry, key, source, least=1) for key in ("width", "height"))
    check_intrinsics(matrix, width, height, source)
    return Camera(matrix, width, height)


def _read(folder: str | Path) -> tuple[Path, dict[str, Any]]:
    path = Path(folder) / "scene.json"
    values = mapping_of(read_json(path), str(path), _KEYS)
    version = integer_of(values, "schema", str(path))
    if version != SCHEMA:
        raise InputError(f"{path}: has schema {version}, this version reads {SCHEMA}; use the version that wrote it.")
    return path, values


def _check(scene: Scene, camera: Camera) -> None:
    if not torch.equal(camera.camera_from_scene, torch.eye(4).to(camera.camera_from_scene)):
        raise InputError("camera_from_scene is not the identity; save a scene with the camera that observed it.")
    for name, value in scene.tensors().items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise InputError(f"{name}: has values that are NaN or infinite; a scene is saved only when it is whole.")
    indices = [item.index for item in scene.objects]
    if len(set(indices)) != len(indices):
        twice = next(index for index in indices if indices.count(index) > 1)
        raise InputError(f"two objects have index {twice}; each needs the position of its own box.")


def _mesh_name(item: SceneObject) -> str:
    return f"meshes/{item.index:03d}.ply"


def _scene_to_json(scene: Scene, camera: Camera, masks: Mapping[int, str]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "camera": {
            "cam_K": camera.intrinsics.flatten().tolist(),
            "width": camera.width,
            "height": camera.height,
        },
        "plane": plane_to_json(scene.plane),
        "objects": [_object_to_json(item, masks.get(item.index)) for item in scene.objects],
        "lights": [light_to_json(light) for light in scene.lights],
        "failures": failures_to_json(scene.failures),
    }


def _texture_name(item: SceneObject) -> str:
    return f"meshes/{item.index:03d}.texture.npy"


def _object_to_json(item: SceneObject, mask: str | None) -> dict[str, Any]:
    optional = {"uncertainty_m": item.uncertainty, "mass_kg": item.mass, "friction": item.friction, "mask": mask}
    optional["texture"] = None if item.mesh.texture is None else _texture_name(item)
    return {
        "label": item.label,
        "index": item.index,
        "mesh": _mesh_name(item),
        "camera_from_object": item.pose.to(dtype=torch.float64).matrix().tolist(),
        "rotation_vector": item.pose.rotation.tolist(),
        "material": material_to_json(item.material),
        "converged": item.converged,
        **{key: value for key, value in optional.items() if value is not None},
    }


def _object_from_json(value: Any, path: Path, number: int) -> SceneObject:
    source = f"{path}: object {number}"
    values = mapping_of(value, source, _OBJECT_KEYS)
    mesh = read_ply(path.parent / text_of(values, "mesh", source))
    if values.get("texture") is not None:
        mesh = mesh.replace(texture=read_texture(path.parent / text_of(values, "texture", source)))
    converged = values.get("converged", True)
    if not isinstance(converged, bool):
        raise InputError(f"{source}: converged is {converged!r}; give true or false.")
    mass, friction, uncertainty = (
        number_of(values, key, source) if values.get(key) is not None else None
        for key in ("mass_kg", "friction", "uncertainty_m")
    )
    return SceneObject(
        label=text_of(values, "label", source),
        index=integer_of(values, "index", source),
        mesh=mesh,
        pose=_pose(values, source),
        material=material_from_json(required(values, "material", source), f"{source}: material"),
        mass=mass,
        friction=friction,
        converged=converged,
        uncertainty=uncertainty,
    )


def _pose(values: dict[str, Any], source: str) -> Pose:
    matrix: Tensor = rigid_of(values, "camera_from_object", source)
    if "rotation_vector" not in values:
        return Pose.from_matrix(matrix).to(dtype=torch.float32)
    pose = Pose(matrix[:3, 3].float(), vector_of(values, "rotation_vector", source))
    off = float((pose.to(dtype=torch.float64).matrix() - matrix).abs().max())
    if off > 1e-5:
        raise InputError(
            f"{source}: rotation_vector and camera_from_object differ by {off:.2g}; correct one or drop the vector."
        )
    return pose
