"""What must hold for every segmenter."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.observation import Box, Observation
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.table_views import ball_and_block, table_view, window


class SegmenterConformance(Conformance):
    """Masks of two solids on a table. The images carry true masks, which only a segmenter of given masks may use."""

    component: ClassVar[Segmenter]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_one_boolean_mask_a_box(self) -> None:
        """The result is boolean, one mask a box, in the image's size; without boxes it has no masks."""
        view = table_view(ball_and_block())
        for chosen in (view, view.replace(boxes=view.boxes[:1], masks=_masks(view)[:1]), _without_boxes(view)):
            masks, expected = self.component.segment(chosen, SensorNoise(), 0), (len(chosen.boxes), *chosen.depth.shape)
            assert masks.dtype == torch.bool, f"masks are {masks.dtype}, not booleans"
            assert tuple(masks.shape) == expected, f"masks have shape {tuple(masks.shape)}, not {expected}"

    def test_inside_grown_box(self) -> None:
        """No pixel lies beyond the box grown by 10 % and 5 px on each side."""
        view = table_view(ball_and_block())
        for box, mask in zip(view.boxes, self.component.segment(view, SensorNoise(), 0), strict=True):
            stray = int((mask & ~_grown(box, view)).sum())
            assert stray == 0, f"{stray} pixels of {box.label!r} lie outside its grown box"

    def test_recovers_solids(self) -> None:
        """Two solids that stand apart are recovered with an intersection over union above 0.9."""
        view = table_view(ball_and_block())
        found = self.component.segment(view, SensorNoise(), 0)
        for box, truth, mask in zip(view.boxes, _masks(view), found, strict=True):
            overlap = _overlap(mask, truth)
            assert overlap > 0.9, f"the mask of {box.label!r} has an intersection over union of {overlap:.3f}; > 0.9"

    def test_order_of_boxes(self) -> None:
        """Boxes in reverse order give the same masks in reverse order (intersection over union at least 0.98)."""
        view = table_view(ball_and_block())
        turned = view.replace(boxes=view.boxes[::-1], masks=_masks(view).flip(0))
        first, second = (self.component.segment(chosen, SensorNoise(), 0) for chosen in (view, turned))
        for one, other in zip(first, second.flip(0), strict=True):
            assert _overlap(one, other) >= 0.98, f"reversing the boxes changes a mask to {_overlap(one, other):.3f}"

    def test_moves_with_the_image(self) -> None:
        """Content that is moved by some pixels gives masks that are moved along (at least 0.95 overlap)."""
        view = table_view(ball_and_block(), 200, 150)
        there = self.component.segment(window(view, 12, 5, 176, 132), SensorNoise(), 0)[:, 5:, :-8]
        here = self.component.segment(window(view, 4, 10, 176, 132), SensorNoise(), 0)[:, :-5, 8:]
        for one, other in zip(here, there, strict=True):
            assert _overlap(one, other) >= 0.95, f"moving the image changes a mask to {_overlap(one, other):.3f}"

    def test_repeatable(self) -> None:
        """The same image gives the same bits."""
        view = table_view(ball_and_block())
        first, second = (self.component.segment(view, SensorNoise(), 0) for _ in range(2))
        assert torch.equal(first, second), "a second call differs"

    def test_input_untouched(self) -> None:
        """The observation is not changed."""
        view = table_view(ball_and_block())
        before = {name: value.clone() for name, value in view.tensors().items()}
        self.component.segment(view, SensorNoise(), 0)
        changed = [name for name, value in view.tensors().items() if not torch.equal(value, before[name])]
        assert not changed, f"{changed[0]} of the observation was changed"

    def test_box_around_nothing(self) -> None:
        """Where it is claimed, a box around bare table gets an empty mask."""
        if not self.component.rejects_empty_boxes:
            raise not_claimed("to reject empty boxes")
        view = table_view(ball_and_block())
        box, none = Box("nothing", (70.0, 85.0, 95.0, 110.0)), torch.zeros_like(_masks(view)[:1])
        view = view.replace(boxes=(*view.boxes, box), masks=torch.cat([_masks(view), none]))
        found = int(self.component.segment(view, SensorNoise(), 0)[-1].sum())
        assert found == 0, f"{found} pixels of bare table were taken for an object"


def _masks(view: Observation) -> Tensor:
    assert view.masks is not None
    return view.masks


def _without_boxes(view: Observation) -> Observation:
    return view.replace(boxes=(), masks=_masks(view)[:0])


def _overlap(one: Tensor, other: Tensor) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _grown(box: Box, view: Observation) -> Tensor:
    x0, y0, x1, y1 = box.xyxy
    dx, dy = 0.1 * (x1 - x0) + 5, 0.1 * (y1 - y0) + 5
    v, u = torch.meshgrid(*(torch.arange(size) for size in view.depth.shape), indexing="ij")
    return (u >= x0 - dx) & (u < x1 + dx) & (v >= y0 - dy) & (v < y1 + dy)
