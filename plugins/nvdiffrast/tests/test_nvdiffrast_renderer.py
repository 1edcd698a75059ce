"""The whole renderer on the CPU, with primitives of the same interface; on a GPU with nvdiffrast where there is one."""

import importlib
import sys
import types

import pytest
import torch
from dig_nvdiffrast import NvdiffrastRenderer, library

import dig_framework.raster
from dig_framework import plugins
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.errors import ComponentError
from dig_framework.light import AmbientLight, DirectionalLight
from dig_framework.testing import RendererConformance
from dig_framework.testing.scenes import two_spheres


class OnTheCpu(NvdiffrastRenderer):
    devices = frozenset({"cpu"})


def usable():
    """Whether the library itself can be used here."""
    try:
        importlib.import_module("nvdiffrast.torch")
    except ImportError:
        return False
    return torch.cuda.is_available()


@pytest.fixture
def stand_in(monkeypatch):
    """Hand the renderer the primitives of the core as if they were the library's."""
    monkeypatch.setitem(sys.modules, "nvdiffrast", types.ModuleType("nvdiffrast"))
    monkeypatch.setitem(sys.modules, "nvdiffrast.torch", dig_framework.raster)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    library.context.cache_clear()


@pytest.mark.usefixtures("stand_in")
class TestWithPrimitivesOfTheCore(RendererConformance):
    component = OnTheCpu()


@pytest.mark.skipif(not usable(), reason="nvdiffrast or a CUDA device is missing")
class TestOnTheGpu(RendererConformance):
    component = NvdiffrastRenderer()


@pytest.mark.skipif(not usable(), reason="nvdiffrast or a CUDA device is missing")
def test_gpu_and_cpu_draw_alike():
    truth = two_spheres(65)
    there, here = (kind.render(truth.scene, truth.camera) for kind in (NvdiffrastRenderer(), RasterRenderer()))
    assert there.color.device.type == "cpu"
    inside = (here.masks == 1).any(0) & (there.masks == 1).any(0)
    assert float((there.color - here.color)[inside].abs().max()) < 0.02
    assert float((there.depth - here.depth)[inside].abs().max()) < 5e-4


def test_is_installed_by_name():
    assert plugins.load("renderer", "nvdiffrast") is NvdiffrastRenderer


@pytest.mark.skipif(usable(), reason="nvdiffrast and a CUDA device are there")
def test_what_is_missing_is_said_in_one_sentence():
    truth = two_spheres(17)
    with pytest.raises(ComponentError, match=r"renderer 'nvdiffrast' needs .* renderer 'raster'"):
        NvdiffrastRenderer().render(truth.scene, truth.camera)


@pytest.mark.usefixtures("stand_in")
def test_no_device_is_said_too(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ComponentError, match="needs a CUDA device, and torch sees none"):
        library.primitives()


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("reflectance", ["phong", "lambert", "microfacet"])
def test_shading_is_that_of_raster(reflectance):
    """Every kind of light, inside surfaces."""
    truth = two_spheres(49)
    lights = (
        *truth.scene.lights,
        DirectionalLight(torch.tensor([0.2, -1.0, -1.0]), torch.full((3,), 0.4)),
        AmbientLight(0.2 * torch.randn(9, 3, generator=torch.Generator().manual_seed(0))),
    )
    scene = truth.scene.replace(lights=lights)
    mine = OnTheCpu(reflectance=reflectance, samples=1).render(scene, truth.camera)
    raster = RasterRenderer(reflectance=reflectance, silhouettes="neighbours", near=0.01).render(scene, truth.camera)
    for name in ("color", "depth", "masks", "ids"):
        torch.testing.assert_close(getattr(mine, name), getattr(raster, name))


@pytest.mark.usefixtures("stand_in")
def test_images_come_back_in_the_dtype_of_the_scene():
    truth = two_spheres(17)
    render = OnTheCpu().render(truth.scene.to(dtype=torch.float64), truth.camera)
    assert {part.dtype for part in (render.color, render.depth, render.masks, render.normals)} == {torch.float64}


@pytest.mark.usefixtures("stand_in")
def test_normals_have_length_one_where_something_is_seen():
    truth = two_spheres(33)
    render = OnTheCpu().render(truth.scene, truth.camera)
    seen = render.ids > -2
    assert float((render.normals.norm(dim=-1) - seen.float()).abs().max()) < 1e-5
