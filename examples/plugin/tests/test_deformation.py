from dig_example.deformation import ExampleDeformation

from dig_framework.testing import DeformationConformance


class TestExampleDeformation(DeformationConformance):
    component = ExampleDeformation()
