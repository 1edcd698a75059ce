from dig_framework.builtin.renderer_soft import SoftRenderer
from dig_framework.testing import RendererConformance


class TestSoftRenderer(RendererConformance):
    component = SoftRenderer()
    # Blurred silhouettes: 0.075 was measured, against 0.06 for renderers that average exactly.
    mask_tolerance = 0.1
