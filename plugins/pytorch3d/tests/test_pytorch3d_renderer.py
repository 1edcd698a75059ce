import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest
import rasterizer_twin
import torch
from dig_pytorch3d import Pytorch3dRenderer
from dig_pytorch3d.nearest_faces import ndc_points, nearest_faces

from dig_framework import plugins
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import ComponentError
from dig_framework.testing.renderer_conformance import RendererConformance
from dig_framework.testing.scenes import box_on_table


@pytest.mark.skipif(find_spec("pytorch3d") is None, reason="PyTorch3D is not installed; it has to be built from source")
class TestPytorch3dRenderer(RendererConformance):
    component = Pytorch3dRenderer()


@pytest.fixture
def twin(monkeypatch):
    """Put the stand-in where PyTorch3D would be."""
    for name in ("pytorch3d", "pytorch3d.renderer"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "pytorch3d.structures", SimpleNamespace(Meshes=rasterizer_twin.Meshes))
    mesh = SimpleNamespace(rasterize_meshes=rasterizer_twin.rasterize_meshes)
    monkeypatch.setitem(sys.modules, "pytorch3d.renderer.mesh", mesh)


@pytest.mark.usefixtures("twin")
class TestWithTwin(RendererConformance):
    """The whole code path but PyTorch3D itself."""

    component = Pytorch3dRenderer()
    gradient_samples = 2


def ask(corners, width, height, **settings):
    twin = rasterizer_twin
    return nearest_faces(torch.tensor(corners), width, height, twin.Meshes, twin.rasterize_meshes, **settings)


def test_is_installed_by_name():
    assert plugins.load("renderer", "pytorch3d") is Pytorch3dRenderer


def test_looking_it_up_does_not_import_the_library():
    assert plugins.load("renderer", "pytorch3d").model_json_schema()
    assert "pytorch3d" not in sys.modules or find_spec("pytorch3d") is not None


@pytest.mark.parametrize(("width", "height"), [(8, 8), (12, 5), (5, 12), (1, 7)])
def test_pixel_centres_are_where_the_library_has_them(width, height):
    """Upper left and lower right, half a pixel inside of the documented range: +-1 on the short side."""
    short = min(width, height)
    points = torch.tensor([[0.0, 0.0, 2.0], [width - 1.0, height - 1.0, 3.0]], dtype=torch.float64)
    far = torch.tensor([width / short - 1 / short, height / short - 1 / short], dtype=torch.float64)
    assert torch.allclose(ndc_points(points, width, height)[:, :2], torch.stack([far, -far]))
    assert ndc_points(points, width, height)[:, 2].tolist() == [2.0, 3.0]


def test_a_triangle_covers_the_pixels_that_it_covers():
    """One right angle near (1, 1) px, with legs of 3 px to the right and 2 px down, in a window of 6 x 4 px."""
    hits = ask([[[0.9, 0.9, 1.0], [4.2, 0.9, 1.0], [0.9, 3.1, 1.0]]], 6, 4)
    covered = [[0] * 6, [0, 1, 1, 1, 1, 0], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
    assert (hits.face + 1).tolist() == covered
    assert torch.allclose(hits.weights[1, 1], torch.tensor([0.92424, 0.03030, 0.04545]), atol=1e-4)


def test_weights_are_those_in_space():
    """Halves in the image, between depths 1 and 3, are a quarter and three quarters in space."""
    hits = ask([[[0.0, -0.5, 1.0], [4.0, -0.5, 3.0], [0.0, 3.5, 1.0]]], 5, 5)
    inverse = torch.tensor([1.0, 1 / 3, 1.0])
    expected = torch.tensor([0.375, 0.5, 0.125]) * inverse
    assert torch.allclose(hits.weights[0, 2], expected / expected.sum(), atol=1e-5)


def test_the_nearest_face_is_seen():
    far, near = ([[0.0, 0.0, z], [3.0, 0.0, z], [0.0, 3.0, z]] for z in (2.0, 1.0))
    assert int(ask([far, near], 4, 4).face[1, 1]) == 1
    assert int(ask([near, far], 4, 4).face[1, 1]) == 0


@pytest.mark.usefixtures("twin")
def test_both_gradients_are_the_same():
    truth = box_on_table(25)
    leaf = truth.scene.objects[0].pose.rotation.requires_grad_()
    gradients = []
    for own in (True, False):
        render = Pytorch3dRenderer(own_gradients=own).render(truth.scene, truth.camera)
        gradients += torch.autograd.grad(render.color.sum() + 10 * render.depth.square().sum(), leaf)
    assert float((gradients[0] - gradients[1]).abs().max() / gradients[0].abs().max()) < 0.02


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize("settings", [{}, {"shading": "flat"}, {"reflectance": "lambert"}])
def test_agrees_with_the_built_in_renderer(settings):
    truth = box_on_table(40)
    camera = Camera.from_focal(75.0, 82.0, 21.0, 14.5, 44, 30)
    ours, theirs = (kind(**settings).render(truth.scene, camera) for kind in (Pytorch3dRenderer, RasterRenderer))
    assert float((ours.masks - theirs.masks).abs().mean()) < 2e-3
    assert float((ours.color - theirs.color).abs().mean()) < 2e-3
    assert float((ours.depth - theirs.depth).abs().mean()) < 1e-3
    assert float((ours.ids != theirs.ids).float().mean()) < 5e-3


def test_says_what_to_do_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytorch3d.structures", None)
    truth = box_on_table(9)
    with pytest.raises(ComponentError, match=r"needs PyTorch3D.*INSTALL\.md.*'raster'"):
        Pytorch3dRenderer().render(truth.scene, truth.camera)


@pytest.mark.usefixtures("twin")
@pytest.mark.skipif(torch.cuda.is_available(), reason="CUDA is here")
def test_says_that_there_is_no_cuda():
    truth = box_on_table(9)
    with pytest.raises(ComponentError, match="set device to 'cpu'"):
        Pytorch3dRenderer(device="cuda").render(truth.scene, truth.camera)


@pytest.mark.parametrize("setting", [{"softness": 0}, {"near": 0}, {"bin_size": -1}, {"device": "tpu"}])
def test_refuses_settings_out_of_range(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        Pytorch3dRenderer(**setting)
