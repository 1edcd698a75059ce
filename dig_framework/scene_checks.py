"""What must hold of a scene before a byte of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.scene import Scene, SceneObject


def check_observing(camera: Camera) -> None:
    """Raise InputError if a camera is not where the scene's frame is."""
    if not torch.equal(camera.camera_from_scene, torch.eye(4).to(camera.camera_from_scene)):
        raise InputError("camera_from_scene is not the identity; save a scene with the camera that observed it.")


def check_indices(indices: Iterable[int], source: str) -> None:
    """Raise InputError if an index is negative or there twice."""
    seen: set[int] = set()
    for index in indices:
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            raise InputError(f"{source}: an object has index {index!r}; give the position of its box, from 0.")
        if index in seen:
            raise InputError(f"{source}: two objects have index {index}; each needs the position of its own box.")
        seen.add(index)


def check_object_shapes(item: SceneObject) -> None:
    """Raise InputError if a tensor of an object has not the shape that files hold, or its mesh is empty."""
    name, mesh = f"object {item.index} {item.label!r}", item.mesh
    for field, value, expected in _shapes(item):
        if value is None:
            continue
        fits = [-1 if size == -1 else found for size, found in zip(expected, value.shape, strict=False)] == [*expected]
        if value.ndim != len(expected) or not fits or not value.numel():
            wanted = ", ".join("n" if size == -1 else str(size) for size in expected)
            raise InputError(
                f"{name}: {field} has shape {tuple(value.shape)}, a file holds [{wanted}] and nothing empty; "
                "correct it or leave the object out."
            )
    corners = mesh.faces
    if int(corners.min()) < 0 or int(corners.max()) >= len(mesh.vertices):
        raise InputError(
            f"{name}: faces name vertices {int(corners.min())} to {int(corners.max())} of {len(mesh.vertices)}; give "
            "indices of vertices that exist."
        )
    if mesh.texture is not None and mesh.uv is None:
        raise InputError(f"{name}: has a texture but no uv; give each vertex its place in the texture.")


def check_finite(scene: Scene) -> None:
    """Raise InputError if a tensor of a scene holds a NaN or an infinity."""
    for name, value in scene.tensors().items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise InputError(f"{name}: has values that are NaN or infinite; a scene is saved only when it is whole.")


def check_returned(before: Scene, after: Scene) -> None:
    """Raise InputError if what was read back is not, bit for bit, what was written."""
    found = after.tensors()
    for name, value in before.tensors().items():
        if name not in found or not torch.equal(value.to(found[name]), found[name]):
            raise InputError(
                f"{name}: has shape {tuple(value.shape)} and would not come back from a file as it is; give it the "
                "shape that its class documents."
            )


def _shapes(item: SceneObject) -> Iterator[tuple[str, Tensor | None, tuple[int, ...]]]:
    """Yield name, value and shape, -1 where any size but zero is right."""
    mesh, count = item.mesh, len(item.mesh.vertices)
    yield "mesh.vertices", mesh.vertices, (-1, 3)
    yield "mesh.faces", mesh.faces, (-1, 3)
    yield "mesh.colors", mesh.colors, (count, 3)
    yield "mesh.uv", mesh.uv, (count, 2)
    yield "mesh.texture", mesh.texture, (-1, -1, 3)
    yield "pose.translation", item.pose.translation, (3,)
    yield "pose.rotation", item.pose.rotation, (3,)
    yield "scale", item.scale, (3,)
    if item.posterior is not None:
        yield "posterior.offsets", item.posterior.offsets, (len(item.posterior.weights), count, 3)
        yield "posterior.weights", item.posterior.weights, (-1,)
        yield "posterior.deviation", item.posterior.deviation, (count,)
        yield "posterior.extent_change", item.posterior.extent_change, (2, 3)
        yield "posterior.centre_change", item.posterior.centre_change, (2, 3)
        yield "posterior.yaw_change", item.posterior.yaw_change, (2,)
