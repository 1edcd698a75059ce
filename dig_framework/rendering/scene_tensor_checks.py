"""Scenes that cannot be drawn are refused by name, before a kernel reads what is not there."""

from __future__ import annotations

from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh
from dig_framework.record_shapes import check_shapes
from dig_framework.scene import Scene


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
