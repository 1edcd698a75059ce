from dig_example.segmenter import ExampleSegmenter

from dig_framework.testing import SegmenterConformance


class TestExampleSegmenter(SegmenterConformance):
    component = ExampleSegmenter()
