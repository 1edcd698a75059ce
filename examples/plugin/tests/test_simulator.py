from dig_example.simulator import ExampleSimulator

from dig_framework.testing import SimulatorConformance


class TestExampleSimulator(SimulatorConformance):
    component = ExampleSimulator()
