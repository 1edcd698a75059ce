"""What must hold for every camera."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import torch

from dig_framework.component import Component
from dig_framework.errors import InputError
from dig_framework.interfaces.camera import CameraDevice
from dig_framework.observation import Observation
from dig_framework.observation_checks import checked_observation
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.recordings import write_recording


class CameraConformance(Conformance):
    """One image is taken and examined; then one more, if the camera has one.

    A camera that claims to play recordings is given a tiny one, unless the settings name another.
    """

    component: ClassVar[CameraDevice]  # pyright: ignore[reportIncompatibleVariableOverride]

    @classmethod
    @contextlib.contextmanager
    def inputs(cls, component: type[Component]) -> Iterator[Mapping[str, object]]:
        assert issubclass(component, CameraDevice)
        if not component.plays:
            yield {}
            return
        with TemporaryDirectory() as folder:
            write_recording(component.plays, Path(folder))
            yield {"path": folder}

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

    def test_plays_recording(self) -> None:
        """Where it is claimed, a recording of two images gives both, in order, then an InputError."""
        if not self.component.plays:
            raise not_claimed("to play recordings")
        with TemporaryDirectory() as folder:
            written = write_recording(self.component.plays, Path(folder))
            camera = type(self.component).model_validate({"path": folder})
            for number, view in enumerate(written):
                _check_same(view, camera.capture(), number)
            ended = False
            try:
                camera.capture()
            except InputError:
                ended = True
            assert ended, "a recording of two images gives a third"


def _check_same(written: Observation, taken: Observation, number: int) -> None:
    """Fail unless an image is what was written, to the precision of the files."""
    assert taken.color.shape == written.color.shape, f"image {number} has shape {tuple(taken.color.shape)}"
    error = float((taken.depth - written.depth).abs().max())
    assert error < 1e-4, f"depth of image {number} is {error:.4f} m off what was written; allowed 0.0001 m"
    error = float((taken.color - written.color).abs().max())
    assert error < 0.01, f"colour of image {number} is {error:.3f} off what was written; allowed 0.01"
    error = float((taken.camera.intrinsics - written.camera.intrinsics).abs().max())
    assert error < 1e-3, f"intrinsics of image {number} are {error:.4f} px off what was written; allowed 0.001 px"


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
