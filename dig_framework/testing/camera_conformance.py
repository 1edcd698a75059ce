"""What must hold for every camera."""

from __future__ import annotations

from typing import ClassVar

import torch

from dig_framework.errors import InputError
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation import Observation
from dig_framework.observation_checks import checked_observation
from dig_framework.testing.conformance import Conformance


class CameraConformance(Conformance):
    """One image is taken and examined; then one more, if the camera has one."""

    component: ClassVar[CameraDevice]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_gives_a_registered_image(self) -> None:
        """Colour and depth have the camera's size, and depth, intrinsics and boxes are what they should be."""
        view = _first(self.component)
        size = (view.camera.height, view.camera.width)
        assert view.depth.shape == size, f"depth has shape {tuple(view.depth.shape)}, the camera {size}"
        assert view.color.shape == (*size, 3), f"colour has shape {tuple(view.color.shape)}, the camera {size}"
        problem = _problem(view)
        assert not problem, f"the image does not pass the input checks: {problem}"

    def test_single_precision(self) -> None:
        """Colour, depth and intrinsics are 32-bit floats."""
        view = _first(self.component)
        for name, value in (("color", view.color), ("depth", view.depth), ("intrinsics", view.camera.intrinsics)):
            assert value.dtype == torch.float32, f"{name} is {value.dtype}, not torch.float32"

    def test_is_at_the_origin(self) -> None:
        """The scene's frame is the camera's own."""
        pose = _first(self.component).camera.camera_from_scene
        assert torch.equal(pose, torch.eye(4).to(pose)), f"camera_from_scene is {pose.tolist()}, not the identity"

    def test_next_image(self) -> None:
        """A further image is of the same kind, or the camera says in an InputError that there is none."""
        _first(self.component)
        try:
            view = self.component.capture()
        except InputError:
            return
        assert not _problem(view), f"the second image does not pass the input checks: {_problem(view)}"


_TAKEN: dict[int, tuple[CameraDevice, Observation]] = {}


def _first(camera: CameraDevice) -> Observation:
    # A recording may hold a single image, so all checks look at the same one.
    if id(camera) not in _TAKEN:
        _TAKEN[id(camera)] = (camera, camera.capture())
    return _TAKEN[id(camera)][1]


def _problem(view: Observation) -> str:
    try:
        checked_observation(view.color, view.depth, view.camera, view.boxes, view.masks)
    except InputError as error:
        return str(error)
    return ""
