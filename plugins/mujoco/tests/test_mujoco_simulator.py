from dig_mujoco import MujocoSimulator

from dig_framework.testing.simulator_conformance import SimulatorConformance


class TestMujocoSimulator(SimulatorConformance):
    component = MujocoSimulator()
