"""Tables of records whose figures can be worked out by hand."""

import csv
import io
import json

import pytest

from dig_framework.evaluation.measures import BY_NAME, MEASURES
from dig_framework.evaluation.page import worst_first
from dig_framework.evaluation.records import ObjectRecord, SceneRecord, from_json, to_json
from dig_framework.evaluation.summary import scene_means, summarize
from dig_framework.evaluation.tables import (
    counts,
    label_grid,
    markdown,
    object_grid,
    objects_csv,
    scene_grid,
    scenes_csv,
    summary_grid,
)


def item(scene: str, label: str, iou: float, failure: str | None = None, hidden: float | None = 0.002) -> ObjectRecord:
    return ObjectRecord(scene, label, 0, None, 0.1, failure, {"iou": iou, "chamfer": (1 - iou) / 100, "hidden": hidden})


RECORDS = (
    SceneRecord("one", "runs/one", (item("one", "can", 0.8), item("one", "mug", 0.6, hidden=None)), light_angle=0.1),
    SceneRecord("two", "runs/two", (item("two", "can", 0.0, "crashed | badly"),), failure="crashed", not_asked=2),
    SceneRecord("three", None, skipped="depth.png: is cut off."),
)


def test_failures_count_and_skipped_scenes_do_not():
    summary = summarize(RECORDS)
    assert (summary.scenes, summary.skipped, summary.failed_scenes) == (2, 1, 1)
    assert (summary.objects, summary.failed_objects, summary.not_asked) == (3, 1, 2)
    assert summary.light_angle == pytest.approx(0.1)
    iou = next(figure for figure in summary.figures if figure.name == "iou")
    assert (iou.count, iou.median) == (3, 0.6)
    assert iou.mean == pytest.approx(1.4 / 3)
    assert iou.worst_tenth == pytest.approx(0.12)  # A fifth of the way from 0 to 0.6.
    assert (iou.mean_low, iou.mean_high) == (0.0, pytest.approx(0.7))  # All draws of one scene alone.
    chamfer = next(figure for figure in summary.figures if figure.name == "chamfer")
    assert chamfer.worst_tenth == pytest.approx(0.0088)
    assert next(figure for figure in summary.figures if figure.name == "hidden").count == 2
    assert summarize(RECORDS) == summary


def test_nothing_judged_gives_an_empty_table():
    summary = summarize(RECORDS[2:])
    assert (summary.objects, summary.figures) == (0, ())
    assert "0 objects in 0 scenes" in counts(summary)
    assert summary_grid(summary).rows == ()


def test_rows():
    assert scene_means(RECORDS[0])["iou"] == pytest.approx(0.7)
    objects, scene_rows = object_grid(RECORDS), scene_grid(RECORDS)
    assert objects.head[:3] == ("scene", "object", "visible")
    assert [row[:2] for row in objects.rows] == [("one", "can"), ("one", "mug"), ("two", "can")]
    assert objects.rows[2][-1] == "crashed | badly"
    assert [row[1] for row in scene_rows.rows] == ["judged", "failed", "skipped"]
    assert scene_rows.rows[2][-1] == "depth.png: is cut off."
    assert label_grid(RECORDS).rows[0][:2] == ("can", "2")
    assert BY_NAME["chamfer"].text(0.0123) == "12.30"
    assert BY_NAME["chamfer"].text(None) == "–"


def test_one_scene_has_no_interval():
    rows = summary_grid(summarize(RECORDS[:1])).rows
    assert rows[0][3] == "–"
    assert "…" in summary_grid(summarize(RECORDS)).rows[0][3]


def test_markdown_keeps_its_columns():
    text = markdown([object_grid(RECORDS)])
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert "crashed \\| badly" in text
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_files_hold_everything_in_si_units():
    rows = list(csv.DictReader(io.StringIO(objects_csv(RECORDS))))
    assert float(rows[0]["chamfer"]) == pytest.approx(0.002)
    assert rows[1]["hidden"] == ""
    scenes = list(csv.DictReader(io.StringIO(scenes_csv(RECORDS))))
    assert scenes[2]["skipped"] == "depth.png: is cut off."
    assert float(scenes[0]["iou"]) == pytest.approx(0.7)
    for record in RECORDS:
        assert from_json(json.loads(json.dumps(to_json(record)))) == record


def test_the_worst_come_first():
    assert [pair[1].label for pair in worst_first(RECORDS)] == ["can", "mug", "can"]
    assert worst_first(RECORDS)[0][1].failure


def test_every_measure_says_what_a_failure_counts():
    assert len(BY_NAME) == len(MEASURES)
    for measure in MEASURES:
        assert measure.failure in ("length", "share", "none", 0.0)
