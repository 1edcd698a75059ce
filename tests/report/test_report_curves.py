import itertools
import math
import re
from xml.etree import ElementTree

import pytest

from dig_framework.interfaces import FitStep
from dig_framework.loss_files import save_losses
from dig_framework.report.loss_chart import loss_chart
from dig_framework.report.loss_table import LossTable, read_losses


def test_what_a_fit_wrote_is_read(tmp_path):
    steps = [
        FitStep("a", 1, 2, 3.0, {"depth": 1.0}),
        FitStep("a", 2, 2, 2.0, {"depth": 0.5}),
        FitStep("b", 1, 1, 1.0, {}),
    ]
    save_losses(steps, tmp_path / "loss.csv")
    table = read_losses(tmp_path / "loss.csv")
    assert table.loss == (3.0, 2.0, 1.0)
    assert table.spans() == [("a", 0, 2), ("b", 2, 3)]
    assert list(table.terms) == ["depth"]
    assert math.isnan(table.terms["depth"][2])


def test_a_table_without_a_loss_is_refused(tmp_path):
    (tmp_path / "loss.csv").write_text("phase,depth\na,1\n")
    with pytest.raises(ValueError, match="no column 'loss'; its columns are phase, depth"):
        read_losses(tmp_path / "loss.csv")


def _chart(table: LossTable) -> ElementTree.Element:
    return ElementTree.fromstring(loss_chart(table, "fit"))


def _curve(chart: ElementTree.Element, name: str) -> list[tuple[float, float]]:
    path = next(item for item in chart.iter("path") if item.findtext("title") == name)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path.attrib["d"])]


def test_a_geometric_decay_is_a_straight_line_downwards():
    table = LossTable(("a",) * 50, tuple(10.0 ** (-i / 10) for i in range(50)), {})
    points = _curve(_chart(table), "loss")
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(points)]
    assert len(points) == 50
    # Coordinates are rounded to a tenth of a pixel, and steps are 14 px apart.
    assert max(slopes) - min(slopes) < 0.03
    assert min(slopes) > 0


def test_steps_without_a_term_are_gaps():
    table = LossTable(("a",) * 4, (4.0, 3.0, 2.0, 1.0), {"mask": (1.0, math.nan, 0.0, 0.5)})
    path = next(item for item in _chart(table).iter("path") if item.findtext("title") == "mask")
    assert path.attrib["d"].count("M") == 2


def test_long_curves_are_thinned_and_keep_their_end():
    table = LossTable(("a",) * 5000, tuple(float(5000 - i) for i in range(5000)), {})
    points = _curve(_chart(table), "loss")
    assert len(points) < 1000
    assert points[-1][0] == max(x for x, _ in points) == pytest.approx(748, abs=0.1)


def test_phases_are_marked_and_named():
    table = LossTable(("light", "light", "shape <x>"), (3.0, 2.0, 1.0), {})
    chart = _chart(table)
    assert [item.findtext("title") for item in chart.iter("rect")] == ["light", "shape <x>"]
    assert "1 light (2 steps); 2 shape <x> (1 steps)" in "".join(chart.itertext())


@pytest.mark.parametrize("losses", [(0.0, 0.0), (math.nan,), (-1.0, -2.0)])
def test_a_loss_without_a_logarithm_is_said(losses):
    assert "No positive loss" in loss_chart(LossTable(("a",) * len(losses), losses, {}), "fit")


def test_a_single_step_and_a_constant_are_drawn():
    assert len(_curve(_chart(LossTable(("a",), (1.0,), {})), "loss")) == 1
    assert len({y for _, y in _curve(_chart(LossTable(("a",) * 3, (2.0,) * 3, {})), "loss")}) == 1
