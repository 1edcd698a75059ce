from dig_example.dataset import ExampleDataset

from dig_framework.testing import DatasetConformance


class TestExampleDataset(DatasetConformance):
    component = ExampleDataset()
