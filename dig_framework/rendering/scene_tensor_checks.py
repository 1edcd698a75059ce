"""Scenes that cannot be drawn are refused by name, before a kernel reads what is not there."""

from __future__ import annotations

from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.scene import Scene


def check_faces(scene: Scene) -> None:
    """Check that faces name vertices that there are.

    Raises:
        InputError: If not; names the object and the index.
    """
    for item in scene.objects:
        if item.mesh.faces.numel() == 0:
            continue
        count = len(item.mesh.vertices)
        for index in (int(value) for value in item.mesh.faces.aminmax()):
            if not 0 <= index < count:
                raise InputError(
                    f"object {item.label!r}: a face names vertex {index}, but its {count} vertices are numbered from 0."
                )


def check_finite(drawn: tuple[Tensor, ...], scene: Scene, camera: Camera) -> None:
    """Check that what is drawn is finite.

    Args:
        drawn: What kernels read, made of the scene and the camera.
        scene: What it was made of.
        camera: Who sees it.

    Raises:
        InputError: If not; names the tensor of the scene or the camera that is to blame, if one is.
    """
    if all(bool(part.detach().isfinite().all()) for part in drawn):
        return
    for owner, record in (("scene", scene), ("camera", camera)):
        for name, value in record.tensors().items():
            if value.is_floating_point() and not bool(value.detach().isfinite().all()):
                raise InputError(f"the {owner}'s tensor {name} holds numbers that are not finite, and cannot be drawn.")
    raise InputError("the scene's numbers are so large that their products are not finite, and cannot be drawn.")
