from dig_framework import plugins
from dig_framework.bench import BENCHES, deformations
from dig_framework.icosphere import icosphere


def test_the_benchmark_is_listed():
    assert BENCHES["deformations"] == "dig_framework.bench.deformations"


def test_every_deformation_has_a_row_and_a_broken_one_a_dash(monkeypatch):
    monkeypatch.setattr(deformations, "_REPEATS", 1)
    for name in ("affine", "mean-value"):
        row = deformations._row(name, icosphere(1))
        assert row["deformation"] == name
        assert row["parameters"] == {"affine": 12, "mean-value": 486}[name]
        assert all(row[column] >= 0 for column in ("bind [s]", "deform [ms]", "backward [ms]", "unfold [ms]"))

    def broken(*_: str) -> None:
        raise plugins.ComponentError("broken")

    monkeypatch.setattr(plugins, "load", broken)
    assert deformations._row("affine", icosphere(1)) == {"deformation": "affine", "parameters": "-"}


def test_coordinates_are_checked_on_the_way(monkeypatch):
    monkeypatch.setattr(deformations, "_REPEATS", 1)
    monkeypatch.setattr(deformations, "_POINTS", 20)
    row = deformations._coordinates_row(2)
    assert row["cage vertices"] == 162
    assert row["largest error of a sum [1]"] <= 1e-12
    assert row["largest error of a point [diameters]"] <= 1e-10
    assert row["coordinates [s]"] > 0
