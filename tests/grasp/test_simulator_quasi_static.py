from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.testing.simulator_conformance import SimulatorConformance


class TestQuasiStatic(SimulatorConformance):
    component = QuasiStatic()
