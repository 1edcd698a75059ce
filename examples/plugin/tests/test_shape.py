from dig_example.shape import ExampleShape

from dig_framework.testing import ShapeConformance


class TestExampleShape(ShapeConformance):
    component = ExampleShape()
