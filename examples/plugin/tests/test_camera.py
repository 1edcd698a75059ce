from dig_example.camera import ExampleCamera

from dig_framework.testing import CameraConformance


class TestExampleCamera(CameraConformance):
    component = ExampleCamera()
