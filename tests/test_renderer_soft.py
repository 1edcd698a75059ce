from dig_framework.builtin.renderer_soft import SoftRenderer
from dig_framework.testing import RendererConformance


class TestSoftRenderer(RendererConformance):
    component = SoftRenderer()
