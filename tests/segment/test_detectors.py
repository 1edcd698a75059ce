"""Built-in detectors against the suite, and a wrong one that it must refuse."""

import pytest

from dig_framework.builtin.detector_clusters import DepthClusters
from dig_framework.builtin.detector_given import GivenBoxes
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.detector import Detector
from dig_framework.observation import Box
from dig_framework.testing.detector_conformance import DetectorConformance
from dig_framework.testing.table_views import Ball, Block, table_view


class TestGivenBoxes(DetectorConformance):
    component = GivenBoxes()


class TestDepthClusters(DetectorConformance):
    component = DepthClusters()


class ExchangedAxes(Detector):
    """Wrong: rows where columns belong, and beyond the image if asked to."""

    class_agnostic = True
    shift: float = 0.0

    def detect(self, observation, noise, seed):
        found = []
        for box in observation.boxes:
            x0, y0, x1, y1 = (value + self.shift for value in box.xyxy)
            found.append(Box(box.label, (y0, x0, y1, x1)))
        return tuple(found)


@pytest.mark.parametrize(
    ("shift", "check", "complaint"),
    [(100.0, "test_boxes_inside_image", "is not inside"), (0.0, "test_finds_solids", "overlaps it by")],
)
def test_suite_refuses_exchanged_axes(shift, check, complaint):
    suite = DetectorConformance()
    suite.component = ExchangedAxes(shift=shift)
    with pytest.raises(AssertionError, match=complaint):
        getattr(suite, check)()


def test_clusters_are_numbered_from_left_to_right():
    view = table_view(
        [
            Block((0.1, 0.0, 0.03), (0.05, 0.05, 0.06), (0.5, 0.1, 0.1)),
            Ball((-0.1, 0.0, 0.03), 0.03, (0.1, 0.5, 0.1)),
            Ball((0.0, 0.06, 0.03), 0.03, (0.1, 0.1, 0.5)),
        ],
        240,
        180,
    )
    found = DepthClusters().detect(view, SensorNoise(), 0)
    assert [box.label for box in found] == ["object-0", "object-1", "object-2"]
    assert [box.xyxy[0] for box in found] == sorted(box.xyxy[0] for box in found)


def test_clusters_outside_the_limits_are_left_out():
    view = table_view([Block((0.0, 0.0, 0.03), (0.05, 0.05, 0.06), (0.5, 0.1, 0.1))])
    assert len(DepthClusters().detect(view, SensorNoise(), 0)) == 1
    assert DepthClusters(most=0.03).detect(view, SensorNoise(), 0) == ()
    assert DepthClusters(low=0.07).detect(view, SensorNoise(), 0) == ()
