"""Objects of a scene as JSON values and the files that these name, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.json_fields import integer_of, mapping_of, number_of, required, rigid_of, text_of
from dig_framework.mesh import Mesh
from dig_framework.ply_files import mesh_from_ply, mesh_to_ply
from dig_framework.pose import Pose
from dig_framework.scene import SceneObject
from dig_framework.scene_fields import material_from_json, material_to_json, vector_of
from dig_framework.shape_posterior_files import posterior_files, posterior_from_json, posterior_to_json
from dig_framework.texture_files import texture_from_bytes, texture_to_bytes

_KEYS = (
    *("label", "index", "mesh", "camera_from_object", "rotation_vector", "material", "mask", "converged"),
    *("uncertainty_m", "mass_kg", "friction", "texture", "posterior"),
)


def object_to_json(item: SceneObject, mask: str | None) -> dict[str, Any]:
    """Return an object's fields, its mesh and texture by the names that `object_files` gives them."""
    optional = {"uncertainty_m": item.uncertainty, "mass_kg": item.mass, "friction": item.friction, "mask": mask}
    optional["texture"] = None if item.mesh.texture is None else _texture_name(item)
    optional["posterior"] = None if item.posterior is None else posterior_to_json(item.posterior, item.mesh, item.index)
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


def object_files(item: SceneObject) -> dict[str, bytes]:
    """Return the content of an object's files by their names in the scene's folder."""
    files = {_mesh_name(item): mesh_to_ply(item.mesh, item.material.color)}
    if item.mesh.texture is not None:
        files[_texture_name(item)] = texture_to_bytes(item.mesh.texture)
    if item.posterior is not None:
        files |= posterior_files(item.posterior, item.index)
    return files


def object_from_json(
    value: Any,
    source: str,
    folder: Path,
    read: Callable[[Path], bytes],
    read_mesh: Callable[[Path], Mesh] | None = None,
) -> SceneObject:
    """Return an object whose files lie in a folder.

    Args:
        value: What its file says.
        source: What it is called in an error.
        folder: Where its files are.
        read: Gives their content.
        read_mesh: Gives the mesh in a file; None reads what `save_scene` writes.

    Raises:
        InputError: If a field or a file is absent or not what it should be.
    """
    values = mapping_of(value, source, _KEYS)
    converged = values.get("converged", True)
    if not isinstance(converged, bool):
        raise InputError(f"{source}: converged is {converged!r}; give true or false.")
    if values.get("mask") is not None:
        text_of(values, "mask", source)
    mass, friction, uncertainty = (
        number_of(values, key, source, least=0.0) if values.get(key) is not None else None
        for key in ("mass_kg", "friction", "uncertainty_m")
    )
    mesh, posterior = _mesh(values, source, folder, read, read_mesh), values.get("posterior")
    if posterior is not None:
        posterior = posterior_from_json(posterior, f"{source}: posterior", folder, read, len(mesh.vertices))
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
        posterior=posterior,
    )


def _mesh_name(item: SceneObject) -> str:
    return f"meshes/{item.index:03d}.ply"


def _texture_name(item: SceneObject) -> str:
    return f"meshes/{item.index:03d}.texture.npy"


def _mesh(
    values: dict[str, Any],
    source: str,
    folder: Path,
    read: Callable[[Path], bytes],
    read_mesh: Callable[[Path], Mesh] | None,
) -> Mesh:
    path = folder / text_of(values, "mesh", source)
    mesh = mesh_from_ply(read(path), str(path)) if read_mesh is None else read_mesh(path)
    if values.get("texture") is None:
        return mesh
    if mesh.uv is None:
        raise InputError(f"{source}: has a texture, but {path} has no s and t; add them or drop the texture.")
    place = folder / text_of(values, "texture", source)
    return mesh.replace(texture=texture_from_bytes(read(place), str(place)))


def _pose(values: dict[str, Any], source: str) -> Pose:
    matrix: Tensor = rigid_of(values, "camera_from_object", source)
    translation = matrix[:3, 3].float()
    if not bool(translation.isfinite().all()):
        raise InputError(f"{source}: camera_from_object moves beyond what float32 can hold; give it in metres.")
    if "rotation_vector" not in values:
        return Pose.from_matrix(matrix).to(dtype=torch.float32)
    pose = Pose(translation, vector_of(values, "rotation_vector", source))
    off = float((pose.to(dtype=torch.float64).matrix() - matrix)[:3, :3].abs().max())
    if not off <= 1e-5:
        raise InputError(
            f"{source}: rotation_vector and camera_from_object differ by {off:.2g}; correct one or drop the vector."
        )
    return pose
