"""Labels for boxes in which there is hardly anything."""

import pytest

from dig_framework.builtin.segmenter_grabcut import DepthGrabCut
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Box
from dig_framework.stages.segment import segment
from dig_framework.testing.table_views import ball_and_block, table_view


@pytest.mark.parametrize("corners", [(50.2, 60.2, 50.7, 60.7), (159.8, 119.8, 160.0, 120.0), (50.0, 60.0, 51.0, 90.0)])
def test_a_box_of_less_than_a_pixel_is_a_failure(corners):
    """The project's warnings are errors, so this also says that none is given."""
    view = table_view(ball_and_block()).replace(boxes=(Box("dot", corners),), masks=None)
    result = segment(view, DepthGrabCut(), SensorNoise(), 0)
    assert [failure.index for failure in result.failures] == [0]
