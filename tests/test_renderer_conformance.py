"""Renderers that are wrong on purpose must fail the suite."""

import pytest

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.interfaces.renderer import Renderer
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_framework.testing import RendererConformance


class SwappedAxes(Renderer):
    def render(self, scene: Scene, camera: Camera) -> Render:
        right = RasterRenderer().render(scene, camera)
        color, normals = right.color.transpose(0, 1), right.normals
        normals = None if normals is None else normals.transpose(0, 1)
        return Render(color, right.depth.mT, right.masks.mT, right.ids.mT, normals)


class MirroredMask(Renderer):
    def render(self, scene: Scene, camera: Camera) -> Render:
        right = RasterRenderer().render(scene, camera)
        return right.replace(masks=right.masks.flip(-1))


class DeepByOnePercent(Renderer):
    def render(self, scene: Scene, camera: Camera) -> Render:
        right = RasterRenderer().render(scene, camera)
        return right.replace(depth=1.01 * right.depth)


class NoSilhouetteGradient(Renderer):
    differentiable = frozenset({"masks"})

    def render(self, scene: Scene, camera: Camera) -> Render:
        right = RasterRenderer().render(scene, camera)
        return right.replace(masks=right.masks.detach() + 0 * right.color.sum())


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (SwappedAxes(), "test_shift"),
        (MirroredMask(), "test_shift"),
        (MirroredMask(), "test_truth"),
        (DeepByOnePercent(), "test_center_depth"),
        (NoSilhouetteGradient(), "test_mask_gradient"),
    ],
)
def test_a_wrong_renderer_fails(wrong, check):
    suite = type("Suite", (RendererConformance,), {"component": wrong, "gradient_samples": 1})()
    with pytest.raises(AssertionError):
        getattr(suite, check)()
