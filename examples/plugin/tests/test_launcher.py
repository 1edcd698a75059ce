from dig_example.launcher import ExampleLauncher

from dig_framework.testing import LauncherConformance


class TestExampleLauncher(LauncherConformance):
    component = ExampleLauncher()
