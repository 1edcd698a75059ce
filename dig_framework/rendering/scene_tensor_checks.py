"""Scenes that cannot be drawn are refused by name, before a kernel reads what is not there."""

from __future__ import annotations

import torch

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh
from dig_framework.record_shapes import check_shapes
from dig_framework.scene import Scene

_LARGEST = 1e6
"""Size of the largest number that is drawn; products of some of them are still far from the largest float32."""
_SMALL = 64


def check_drawable(scene: Scene, camera: Camera) -> None:
    """Check that tensors are shaped as they say, that what they refer to is there, and that the camera has an image.

    Raises:
        InputError: If not; names the tensor or the object.
    """
    check_shapes(scene, "the scene")
    check_shapes(camera, "the camera")
    for item in scene.objects:
        _check_faces(item.mesh, item.label)
        _check_texture(item.mesh, item.label)
    for name, side in (("width", camera.width), ("height", camera.height)):
        if not isinstance(side, int) or side < 1:
            raise InputError(f"the camera's {name} is {side!r}; it must be a whole number of pixels, at least 1.")
    if float(camera.intrinsics.detach().det()) == 0:
        raise InputError("the camera's intrinsics have no inverse; both focal lengths must differ from 0.")


def _check_faces(mesh: Mesh, label: str) -> None:
    if mesh.faces.numel() == 0:
        return
    count = len(mesh.vertices)
    for index in (int(value) for value in mesh.faces.aminmax()):
        if not 0 <= index < count:
            raise InputError(
                f"object {label!r}: a face names vertex {index}, but its {count} vertices are numbered from 0."
            )


def _check_texture(mesh: Mesh, label: str) -> None:
    if mesh.texture is None:
        return
    if mesh.texture.numel() == 0:
        raise InputError(f"object {label!r}: its texture of shape {list(mesh.texture.shape)} has no texels.")
    if mesh.uv is None:
        raise InputError(f"object {label!r}: it has a texture but no uv, which say where on the texture vertices are.")


def check_numbers(scene: Scene, camera: Camera) -> None:
    """Check that all numbers are finite, and not so large that what is computed from them is not.

    Raises:
        InputError: If not; names the tensor.
    """
    records = (("scene", scene), ("camera", camera))
    with torch.no_grad():
        small, large = [], []
        for value in (value for _, record in records for value in record.tensors().values()):
            if value.is_floating_point():
                (small if value.numel() <= _SMALL else large).append(value)
        # Small ones are looked at together: that takes a tenth of the time.
        small = torch.cat([value.reshape(-1) for value in small])
        if all(bool(part.abs().amax() <= _LARGEST) for part in (small, *large)):
            return
    for owner, record in records:
        for name, value in record.tensors().items():
            if not value.is_floating_point():
                continue
            if not bool(value.detach().isfinite().all()):
                raise InputError(f"the {owner}'s tensor {name} holds numbers that are not finite, and cannot be drawn.")
            if bool((value.detach().abs() > _LARGEST).any()):
                raise InputError(
                    f"the {owner}'s tensor {name} holds {float(value.detach().abs().max()):g}; numbers up to "
                    f"{_LARGEST:g} can be drawn."
                )
