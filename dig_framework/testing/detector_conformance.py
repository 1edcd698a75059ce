"""What must hold for every detector."""

from __future__ import annotations

from typing import ClassVar

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.detector import Detector
from dig_framework.observation import Box
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.table_views import ball_and_block, table_view


class DetectorConformance(Conformance):
    """Boxes of two solids on a table. The images carry true boxes, which only a detector of given boxes may use."""

    component: ClassVar[Detector]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_boxes_inside_image(self) -> None:
        """Every box is labelled, has an area, and lies inside the image."""
        view = table_view(ball_and_block())
        for box in self.component.detect(view, SensorNoise(), 0):
            x0, y0, x1, y1 = box.xyxy
            inside = 0 <= x0 < x1 <= view.camera.width and 0 <= y0 < y1 <= view.camera.height
            assert inside, f"box {box.xyxy} is not inside {view.camera.width} x {view.camera.height} pixels"
            assert box.label, f"box {box.xyxy} has no label"

    def test_finds_solids(self) -> None:
        """Where unknown things are claimed, two solids give two boxes (overlap above 0.8) and nothing else."""
        if not self.component.class_agnostic:
            raise not_claimed("to find unknown things")
        view = table_view(ball_and_block())
        found = self.component.detect(view, SensorNoise(), 0)
        assert len(found) == len(view.boxes), f"{len(found)} boxes were found around {len(view.boxes)} solids"
        for truth in view.boxes:
            overlap = max(_overlap(truth, box) for box in found)
            assert overlap > 0.8, f"the best box for {truth.label!r} overlaps it by {overlap:.3f}; > 0.8"

    def test_bare_table(self) -> None:
        """A bare table gives no box."""
        found = self.component.detect(table_view(()), SensorNoise(), 0)
        assert not found, f"{len(found)} boxes were found on a bare table, the first is {found[0].xyxy}"

    def test_repeatable(self) -> None:
        """The same image gives the same boxes."""
        view = table_view(ball_and_block())
        first, second = (self.component.detect(view, SensorNoise(), 0) for _ in range(2))
        assert first == second, "a second call gives other boxes"


def _overlap(one: Box, other: Box) -> float:
    (a0, b0, a1, b1), (c0, d0, c1, d1) = one.xyxy, other.xyxy
    common = max(0.0, min(a1, c1) - max(a0, c0)) * max(0.0, min(b1, d1) - max(b0, d0))
    return common / ((a1 - a0) * (b1 - b0) + (c1 - c0) * (d1 - d0) - common)
