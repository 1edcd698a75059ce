from dig_example.renderer import ExampleRenderer

from dig_framework.testing import RendererConformance


class TestExampleRenderer(RendererConformance):
    component = ExampleRenderer()
