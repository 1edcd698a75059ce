from dig_example.detector import ExampleDetector

from dig_framework.testing import DetectorConformance


class TestExampleDetector(DetectorConformance):
    component = ExampleDetector()
