"""What must hold for every dataset."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import torch

from dig_framework.component import Component
from dig_framework.errors import InputError
from dig_framework.ground_truth import Sample, TrueObject
from dig_framework.interfaces.dataset import Dataset
from dig_framework.observation_checks import checked_observation
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.miniatures import MINIATURES, write_miniature

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class DatasetConformance(Conformance):
    """Names are listed, and the first and the last image are examined with their truth.

    A dataset that claims a layout is given a tiny folder of that kind, unless the settings name another.
    """

    component: ClassVar[Dataset]  # pyright: ignore[reportIncompatibleVariableOverride]

    @classmethod
    @contextlib.contextmanager
    def inputs(cls, component: type[Component]) -> Iterator[Mapping[str, object]]:
        assert issubclass(component, Dataset)
        if not component.layout:
            yield {}
            return
        with TemporaryDirectory() as folder:
            write_miniature(component.layout, Path(folder))
            yield {"path": folder}

    def test_names(self) -> None:
        """There are names, each once, the same when asked again, and fit to name folders."""
        names = self.component.names()
        assert names, "there is no image"
        assert len(set(names)) == len(names), "a name is there twice"
        assert names == self.component.names(), "names change from one call to the next"
        odd = [name for name in names if not _NAME.fullmatch(name)]
        assert not odd, f"{odd[0]!r} is no name for a folder; use letters, digits, dots, hyphens and underscores"

    def test_images(self) -> None:
        """Images pass the input checks, are single precision, and are seen from the scene's origin."""
        for sample in self._some():
            view = sample.observation
            checked_observation(view.color, view.depth, view.camera, view.boxes, view.masks)
            for name, value in (("color", view.color), ("depth", view.depth), ("K", view.camera.intrinsics)):
                assert value.dtype == torch.float32, f"{name} of {sample.name} is {value.dtype}, not torch.float32"
            pose = view.camera.camera_from_scene
            assert torch.equal(pose, torch.eye(4).to(pose)), f"camera_from_scene of {sample.name} is not the identity"

    def test_truth(self) -> None:
        """True objects are finite, of a plausible size, before the camera, and each box shows at most one of them."""
        for sample in self._some():
            indices = [item.index for item in sample.truth.objects if item.index is not None]
            assert len(set(indices)) == len(indices), f"{sample.name}: a box shows two objects"
            count = len(sample.observation.boxes)
            assert all(0 <= index < count for index in indices), f"{sample.name}: an index is beyond the {count} boxes"
            for item in sample.truth.objects:
                _check_object(item, sample.name)

    def test_truth_is_where_the_box_is(self) -> None:
        """A box overlaps what its object covers in the image."""
        for sample in self._some():
            for item in sample.truth.objects:
                if item.index is not None:
                    _check_box(sample, item)

    def test_images_of_truth(self) -> None:
        """Masks and noise-free depth of the truth have the image's size; there is a mask for each box."""
        for sample in self._some():
            size = tuple(sample.observation.depth.shape)
            masks, depth = sample.truth.masks, sample.truth.depth
            expected = (len(sample.observation.boxes), *size)
            assert masks is None or tuple(masks.shape) == expected, f"{sample.name}: masks are not {expected}"
            assert depth is None or tuple(depth.shape) == size, f"{sample.name}: true depth is not {size}"

    def test_repeatable(self) -> None:
        """The same name gives the same bits, from another instance too."""
        name = self.component.names()[0]
        again = type(self.component).model_validate(self.component.model_dump(exclude={"type"}))
        first, second = self.component.sample(name).tensors(), again.sample(name).tensors()
        assert first.keys() == second.keys(), "two calls differ in what they hold"
        odd = [key for key in first if not torch.equal(first[key], second[key])]
        assert not odd, f"two calls differ in {odd[0]}"

    def test_unknown_name(self) -> None:
        """A name that there is not is refused with an InputError that repeats it."""
        reason = _refusal(lambda: self.component.sample("no-such-image"))
        assert "no-such-image" in reason, f"the reason does not repeat the name: {reason}"

    def test_says_how_to_obtain(self) -> None:
        """Where it is claimed, a folder that is not there or is empty is refused, with where one gets the data."""
        kind = type(self.component)
        if not kind.obtain:
            raise not_claimed("to say where one gets the data")
        with TemporaryDirectory() as folder:
            for path in (Path(folder), Path(folder) / "absent"):
                settings = {**self.component.model_dump(exclude={"type"}), "path": path}
                reason = _refusal(lambda settings=settings: kind.model_validate(settings).names())
                assert kind.obtain in reason, f"the reason does not say how the data are obtained: {reason}"
                assert str(path) in reason, f"the reason does not name {path}: {reason}"

    def test_reads_miniature(self) -> None:
        """Where a layout is claimed, a tiny dataset of two images is read back as it was written."""
        layout = self.component.layout
        if not layout:
            raise not_claimed("a layout")
        assert layout in MINIATURES, f"there is no miniature of {layout!r}; there are {', '.join(MINIATURES)}"
        with TemporaryDirectory() as folder:
            written = write_miniature(layout, Path(folder))
            dataset = type(self.component).model_validate({"path": folder})
            names = [sample.name for sample in written]
            assert dataset.names() == names, f"names are {dataset.names()}, not {names}"
            for sample in written:
                _check_same(sample, dataset.sample(sample.name))

    def _some(self) -> list[Sample]:
        names = self.component.names()
        return [self.component.sample(name) for name in dict.fromkeys((names[0], names[-1]))]


def _check_object(item: TrueObject, name: str) -> None:
    place = f"{name}, {item.label}"
    vertices = item.posed().vertices
    assert len(item.mesh.faces), f"{place}: the mesh has no faces"
    assert bool(vertices.isfinite().all()), f"{place}: a vertex is not finite"
    size = float((vertices.amax(0) - vertices.amin(0)).max())
    assert 1e-3 < size < 10, f"{place}: is {size:g} m across, as if units were mixed up"
    assert float(vertices[:, 2].mean()) > 0, f"{place}: is behind the camera"
    motions = item.symmetries
    first = float((motions[0] - torch.eye(4)).abs().max())
    assert first < 1e-6, f"{place}: the first symmetry is not the identity"
    turned = motions[:, :3, :3]
    off = float((turned @ turned.mT - torch.eye(3)).abs().max())
    assert off < 1e-3, f"{place}: a symmetry is not rigid, it is off by {off:.2g}"


def _check_box(sample: Sample, item: TrueObject) -> None:
    assert item.index is not None
    x0, y0, x1, y1 = sample.observation.boxes[item.index].xyxy
    pixels, _ = sample.observation.camera.project(item.posed().vertices)
    (left, top), (right, bottom) = pixels.amin(0).tolist(), pixels.amax(0).tolist()
    apart = left > x1 or right < x0 or top > y1 or bottom < y0
    assert not apart, (
        f"{sample.name}, {item.label}: is seen at {left:.0f}, {top:.0f}, {right:.0f}, {bottom:.0f} px, but its box is "
        f"{x0:.0f}, {y0:.0f}, {x1:.0f}, {y1:.0f}"
    )


def _check_same(written: Sample, found: Sample) -> None:
    """Fail unless a sample is what was written, to the precision of the files."""
    name, first, second = written.name, written.observation, found.observation
    assert first.color.shape == second.color.shape, f"{name}: colour has shape {tuple(second.color.shape)}"
    error = float((first.depth - second.depth).abs().max())
    assert error < 6e-4, f"{name}: depth is {error:.4f} m off what was written; allowed 0.0006 m"
    error = float((first.color - second.color).abs().mean())
    assert error < 0.02, f"{name}: colour is {error:.3f} off what was written on average; allowed 0.02"
    error = float((first.camera.intrinsics - second.camera.intrinsics).abs().max())
    assert error < 1e-3, f"{name}: intrinsics are {error:.4f} px off what was written; allowed 0.001 px"
    corners = [[box.xyxy for box in view.boxes] for view in (first, second)]
    assert corners[0] == corners[1], f"{name}: boxes are {corners[1]}, not {corners[0]}"
    if first.masks is not None:
        assert second.masks is not None, f"{name}: has no masks"
        assert torch.equal(first.masks, second.masks), f"{name}: masks are not what was written"
    expected, objects = written.truth.objects, found.truth.objects
    assert len(expected) == len(objects), f"{name}: has {len(objects)} objects, not {len(expected)}"
    for old, new in zip(expected, objects, strict=True):
        assert old.index == new.index, f"{name}: the index of {new.label} is {new.index}, not {old.index}"
        error = float((old.posed().vertices - new.posed().vertices).abs().max())
        assert error < 1e-5, f"{name}: {new.label} is {1e3 * error:.3f} mm off what was written; allowed 0.01 mm"


def _refusal(call: object) -> str:
    assert callable(call)
    try:
        call()
    except InputError as error:
        return str(error)
    raise AssertionError("nothing was refused; an InputError is expected")
