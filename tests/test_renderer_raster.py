from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.testing import RendererConformance


class TestRasterRenderer(RendererConformance):
    component = RasterRenderer()
