from dig_example.policy import ExamplePolicy

from dig_framework.testing import PolicyConformance


class TestExamplePolicy(PolicyConformance):
    component = ExamplePolicy()
