import sys
from importlib.util import find_spec
from types import SimpleNamespace

import kaolin_twin
import pytest
import torch
from dig_kaolin import KaolinRenderer
from dig_kaolin.nearest_faces import image_points, nearest_faces

from dig_framework import plugins
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import ComponentError
from dig_framework.testing.renderer_conformance import RendererConformance
from dig_framework.testing.scenes import box_on_table


@pytest.mark.skipif(find_spec("kaolin") is None, reason="Kaolin is not installed; its wheels are not on PyPI")
@pytest.mark.skipif(not torch.cuda.is_available(), reason="Kaolin has rasterisers for CUDA only, and none is here")
class TestKaolinRenderer(RendererConformance):
    component = KaolinRenderer()


@pytest.fixture
def twin(monkeypatch):
    """Put the stand-in where Kaolin would be, on the CPU."""
    for name in ("kaolin", "kaolin.render"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "kaolin.render.mesh", kaolin_twin)
    monkeypatch.setattr("dig_kaolin.renderer.DEVICE", "cpu")


@pytest.mark.usefixtures("twin")
class TestWithTwin(RendererConformance):
    """The whole code path but Kaolin itself."""

    component = KaolinRenderer()
    gradient_samples = 2


def ask(corners, width, height):
    corners = torch.tensor(corners, dtype=torch.float64)
    return nearest_faces(corners, width, height, kaolin_twin.rasterize, "cpu")


def test_is_installed_by_name():
    assert plugins.load("renderer", "kaolin") is KaolinRenderer


def test_looking_it_up_does_not_import_the_library():
    assert plugins.load("renderer", "kaolin").model_json_schema()
    assert "kaolin" not in sys.modules or find_spec("kaolin") is not None


@pytest.mark.parametrize(("width", "height"), [(8, 8), (12, 5), (1, 7)])
def test_pixel_centres_are_where_the_library_has_them(width, height):
    """Upper left and lower right, half a pixel inside of the image from -1 to 1."""
    corners = torch.tensor([[[0.0, 0.0, 2.0], [width - 1.0, height - 1.0, 3.0], [0.0, height - 1.0, 1.0]]])
    half = torch.tensor([1 - 1 / width, 1 - 1 / height])
    expected = torch.stack([half * torch.tensor(sign) for sign in ([-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0])])
    assert torch.allclose(image_points(corners, width, height)[0], expected)


def test_a_triangle_covers_the_pixels_that_it_covers():
    """One right angle near (1, 1) px, with legs of 3 px to the right and 2 px down, in a window of 6 x 4 px."""
    hits = ask([[[0.9, 0.9, 1.0], [4.2, 0.9, 1.0], [0.9, 3.1, 1.0]]], 6, 4)
    covered = [[0] * 6, [0, 1, 1, 1, 1, 0], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
    assert (hits.face + 1).tolist() == covered


def test_weights_are_those_in_space():
    """Halves in the image, between depths 1 and 3, are a quarter and three quarters in space."""
    hits = ask([[[0.0, -0.5, 1.0], [4.0, -0.5, 3.0], [0.0, 3.5, 1.0]]], 5, 5)
    inverse = torch.tensor([1.0, 1 / 3, 1.0], dtype=torch.float64)
    expected = torch.tensor([0.375, 0.5, 0.125], dtype=torch.float64) * inverse
    assert torch.allclose(hits.weights[0, 2], expected / expected.sum())


def test_the_nearest_face_is_seen_where_depth_bends():
    """At the middle a face from depth 1 to 3 is at 1.5, not at 2, so it hides one at 1.8."""
    slanted = [[-1.0, -1.0, 1.0], [5.0, -1.0, 3.0], [-1.0, 5.0, 3.0]]
    level = [[-1.0, -1.0, 1.8], [5.0, -1.0, 1.8], [-1.0, 5.0, 1.8]]
    assert int(ask([slanted, level], 5, 5).face[1, 0]) == 0
    assert int(ask([level, slanted], 5, 5).face[1, 0]) == 1


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize("settings", [{}, {"shading": "flat"}, {"reflectance": "lambert"}])
def test_agrees_with_the_built_in_renderer(settings):
    truth = box_on_table(40)
    camera = Camera.from_focal(75.0, 82.0, 21.0, 14.5, 44, 30)
    ours, theirs = (kind(**settings).render(truth.scene, camera) for kind in (KaolinRenderer, RasterRenderer))
    assert float((ours.masks - theirs.masks).abs().mean()) < 2e-3
    assert float((ours.color - theirs.color).abs().mean()) < 2e-3
    assert float((ours.depth - theirs.depth).abs().mean()) < 1e-3
    assert float((ours.ids != theirs.ids).float().mean()) < 5e-3


def test_says_what_to_do_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "kaolin.render.mesh", None)
    truth = box_on_table(9)
    with pytest.raises(ComponentError, match=r"needs NVIDIA Kaolin.*installation\.html.*'raster'"):
        KaolinRenderer().render(truth.scene, truth.camera)


def test_says_so_when_there_is_only_the_placeholder(monkeypatch):
    monkeypatch.setitem(sys.modules, "kaolin", SimpleNamespace())
    monkeypatch.delitem(sys.modules, "kaolin.render.mesh", raising=False)
    truth = box_on_table(9)
    with pytest.raises(ComponentError, match="is empty"):
        KaolinRenderer().render(truth.scene, truth.camera)


@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
def test_says_that_there_is_no_cuda(monkeypatch):
    for name in ("kaolin", "kaolin.render"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "kaolin.render.mesh", kaolin_twin)
    truth = box_on_table(9)
    with pytest.raises(ComponentError, match=r"CUDA only.*'raster'"):
        KaolinRenderer().render(truth.scene, truth.camera)


@pytest.mark.parametrize("setting", [{"softness": 0}, {"near": 0}])
def test_refuses_settings_out_of_range(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        KaolinRenderer(**setting)
