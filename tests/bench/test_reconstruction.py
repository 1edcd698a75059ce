"""The judge of reconstruction: images by methods, scored once, kept, and shown side by side."""

import dataclasses
import json
import math

import pytest
import torch

from dig_framework import bench
from dig_framework.bench import reconstruction, reconstruction_runs
from dig_framework.bench.reconstruction_conditions import Case, Condition, Source, chosen_conditions
from dig_framework.bench.reconstruction_goals import GOALS, goal_table, loss_table, marked, roll_change
from dig_framework.bench.reconstruction_methods import chosen_methods, method_of
from dig_framework.bench.reconstruction_pose import is_ball, pose_errors, with_pose_errors
from dig_framework.bench.reconstruction_runs import Judged, Ledger, configured
from dig_framework.bench.reconstruction_tables import differences, kill_table, pose_table, shape_table
from dig_framework.builtin.segmenter_given import GivenMasks
from dig_framework.builtin.segmenter_grabcut import DepthGrabCut
from dig_framework.config_reading import read_config
from dig_framework.errors import ConfigError, UsageError
from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.ground_truth import TrueObject
from dig_framework.metrics.surface import surface_of
from dig_framework.pose import Pose
from dig_framework.scene import Scene
from dig_framework.testing.miniature_views import single_sample
from dig_framework.testing.solids import box_mesh, sphere_mesh


def tiny(cases):
    return Condition("tiny", "A ball on a table", lambda source: iter(cases))


@pytest.fixture(scope="module")
def case():
    return Case(single_sample("ball-0"), "ball")


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def rows(case, work):
    methods = chosen_methods(("B4", "B5"))
    return reconstruction.judged(tiny([case]), methods, Source(work), Ledger(work))


def test_methods_are_chosen_by_first_word_preset_or_file(tmp_path):
    assert [method.name for method in chosen_methods(("B6", "quickstart"))] == [
        "B6 superquadric",
        "B6 superquadric, dropped",
        "quickstart",
    ]
    (tmp_path / "own.yaml").write_text("extends: quickstart\nfit_schedule: null\n")
    (own,) = chosen_methods((str(tmp_path / "own.yaml"),))
    assert own.stages == ("initialize",)
    assert {method.name for method in chosen_methods(slow=True)} - {method.name for method in chosen_methods()} == {
        "B8 paper"
    }
    with pytest.raises(ConfigError, match="no preset is called 'B77'"):
        chosen_methods(("B77",))


def test_presets_are_scored_stage_by_stage():
    by_name = {method.name: method.stages for method in chosen_methods()}
    assert by_name["B5 hull, dropped"] == ("initialize",)
    assert by_name["B7 fit-mesh"] == ("initialize", "deform")
    assert by_name["reference"][0] == "initialize"
    assert len(by_name["reference"]) > 1


def test_conditions_are_chosen_by_name():
    assert "published" not in [condition.name for condition in chosen_conditions(())]
    assert [condition.name for condition in chosen_conditions(("real", "single"))] == ["real", "single"]
    with pytest.raises(UsageError, match="--only rael: is no part"):
        chosen_conditions(("rael",))


def test_goals_are_those_of_conditions():
    names = {condition.name for condition in chosen_conditions(())} | {"harsh"}
    assert {name for goal in GOALS for name in goal.conditions} <= names


def test_images_are_scored_by_method_and_stage(rows):
    assert list(rows) == ["B4 box, upright", "B5 hull, dropped"]
    for (item,) in rows.values():
        assert (item.stage, item.group, item.record.failure) == ("initialize", "ball", None)
        assert 0.3 < item.record.objects[0].values["iou"] < 1
        assert item.seconds > 0


def test_what_was_judged_is_not_judged_again(rows, case, work, monkeypatch):
    def never(*arguments):
        raise AssertionError("it ran again")

    with (work / "records.jsonl").open("a") as file:
        file.write('{"key": "half a li')
    monkeypatch.setattr(reconstruction_runs, "_attempt", never)
    again = reconstruction.judged(tiny([case]), chosen_methods(("B4", "B5")), Source(work), Ledger(work))
    assert again == rows
    with pytest.raises(AssertionError, match="ran again"):
        reconstruction.judged(tiny([case]), chosen_methods(("B2",)), Source(work), Ledger(work))


@pytest.mark.parametrize(("error", "reason"), [(ValueError("of its own"), "crashed with ValueError: of its own")])
def test_a_method_that_crashes_fails_on_all_its_objects(error, reason, case, tmp_path, monkeypatch):
    def broken(*arguments, **settings):
        raise error

    monkeypatch.setattr(reconstruction_runs, "run_pipeline", broken)
    method = method_of("two stages", read_config("quickstart"))
    found = Ledger(tmp_path).judged(tiny([case]), case, method)
    assert [item.stage for item in found] == ["initialize", "fit"]
    for item in found:
        assert item.record.failure == reason
        assert item.record.objects[0].values["iou"] == 0.0
        assert item.seconds is None


def test_only_some_boxes_may_count(case, work, rows):
    condition = dataclasses.replace(tiny([case]), name="none", judged=(1,))
    (item,) = Ledger(work).judged(condition, case, chosen_methods(("B4",))[0])
    assert item.record.objects == ()


def test_masks_are_our_own_where_none_are_given_or_a_condition_says_so(case):
    method = chosen_methods(("B5",))[0]
    bare = Case(case.sample.replace(observation=case.sample.observation.replace(masks=None)), "a")
    own = dataclasses.replace(tiny([]), own_masks=True)
    configs = [
        configured(condition, chosen, method) for condition, chosen in ((tiny([]), case), (tiny([]), bare), (own, case))
    ]
    assert [type(config.segmenter) for config in configs] == [GivenMasks, DepthGrabCut, DepthGrabCut]


def judged(method, stage, values, scene="a", group=None, angle=None):
    objects = tuple(ObjectRecord(scene, "thing", index, None, 0.1, None, item) for index, item in enumerate(values))
    return Judged("tiny", method, stage, group or scene, SceneRecord(scene, None, objects, light_angle=angle), 2.0)


def full(iou, **others):
    return {"iou": iou, "chamfer": 0.004, "fscore": 0.5, "close": 0.0, "visible": 0.002, "hidden": 0.004, **others}


def test_what_a_stage_gains_is_paired_by_object():
    start = [
        judged("m", "initialize", [full(0.5), full(0.7, hidden=None)]),
        judged("m", "initialize", [full(0.6)], "b"),
    ]
    later = [
        judged("m", "fit", [full(0.6, visible=0.001, hidden=0.003), full(0.7, visible=0.0015, hidden=None)]),
        judged("m", "fit", [full(0.6, visible=0.001, hidden=0.0035)], "b"),
    ]
    values, groups = differences(start, later, "hidden")
    assert (values, groups) == (pytest.approx([-0.001, -0.0005]), ["a", "b"])
    table = kill_table(tiny([]), {"m, initialize": start, "m, fit": later})
    (row,) = table.rows
    assert row["change"] == "fit - initialize"
    assert row["visible [mm]"] == pytest.approx(-2.5 / 3)
    assert row["hidden [mm]"] == pytest.approx(-0.75)
    assert row["hidden [mm] low"] == pytest.approx(-1.0)
    assert row["hidden [mm] high"] == pytest.approx(-0.5)
    assert row["vIoU"] == pytest.approx(0.1 / 3)
    assert row["pays"] is None  # Two scenes cannot tell.


def test_a_stage_that_gains_on_both_sides_pays():
    start = [judged("m", "initialize", [full(0.5)], name) for name in "abc"]
    later = [judged("m", "fit", [full(0.5, visible=0.001, hidden=0.003)], name) for name in "abc"]
    (row,) = kill_table(tiny([]), {"m, initialize": start, "m, fit": later}).rows
    assert row["pays"] is True


def test_a_stage_that_only_moves_the_visible_side_does_not_pay():
    start = [judged("m", "initialize", [full(0.5)], name) for name in "abc"]
    later = [judged("m", "fit", [full(0.5, visible=0.001)], name) for name in "abc"]
    (row,) = kill_table(tiny([]), {"m, initialize": start, "m, fit": later}).rows
    assert row["pays"] is False


def test_shapes_alone_have_nothing_to_pay_for(rows):
    assert kill_table(tiny([]), rows).rows == ()


def test_tables_have_a_row_for_each_method(rows):
    table = shape_table(tiny([]), rows)
    assert [row["method"] for row in table.rows] == list(rows)
    for row in table.rows:
        assert (row["objects"], row["failed"]) == (1, 0)
        assert row["vIoU low"] <= row["vIoU"] <= row["vIoU high"]
        assert row["hidden [mm]"] > 0


def test_goals_are_marked_where_they_are_met():
    assert [marked(0.9, 0.9, True), marked(0.89, 0.9, True), marked(1.0, 1.8, False)] == ["0.9 met", "0.89", "1 met"]
    assert marked(None, 1.0, True) is None
    table = goal_table("single", {"m": [judged("m", "fit", [full(0.95)], angle=math.radians(5))]})
    (found,) = table.rows
    assert found["A1 vIoU mean >= 0.9"] == "0.95 met"
    assert found["A2 chamfer mean [mm] <= 1.8"] == "4"
    assert found["A7 light direction [deg] <= 8"] == "5 met"
    assert goal_table("published", {}) is None


def test_the_change_under_roll_is_the_largest_of_all_angles():
    images = [("s-0", 1.0), ("s-1", 1.1), ("s-2", 0.8), ("t-0", 3.0), ("t-1", 3.0), ("t-2", 3.4)]
    found = [judged("m", "fit", [{"chamfer": value}], name) for name, value in images]
    assert roll_change("chamfer")(found) == pytest.approx(4.2 / 4 - 1)
    assert roll_change("chamfer")(found[:1]) is None


def test_a_harsh_sensor_costs_a_share():
    plain = {"m": [judged("m", "fit", [full(0.8)])]}
    harsh = {"m": [judged("m", "fit", [full(0.6, chamfer=0.0044)])]}
    (row,) = loss_table(plain, harsh).rows
    assert row["loss of vIoU"] == "0.25"
    assert row["loss of chamfer"] == "0.1 met"


def turned(angle, shift):
    pose = torch.eye(4, dtype=torch.float64)
    pose[:2, :2] = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    pose[:3, 3] = torch.tensor(shift, dtype=torch.float64)
    return Pose.from_matrix(pose)


def test_the_pose_that_a_surface_stands_for_is_found():
    truth = TrueObject("block", 0, box_mesh(0.1, 0.06, 0.04), turned(0.3, [0, 0, 0.5]).to(dtype=torch.float32))
    off = turned(0.3 + math.radians(6), [0.004, 0, 0.5])
    guess = surface_of(truth.mesh.replace(vertices=off.transform(truth.mesh.vertices.double())))
    turn, shift = pose_errors(truth, guess)
    assert math.degrees(turn) == pytest.approx(6, abs=0.5)
    assert shift == pytest.approx(0.004, abs=5e-4)


def test_a_symmetry_costs_nothing():
    half = torch.diag(torch.tensor([-1.0, -1.0, 1.0, 1.0]))
    truth = TrueObject("block", 0, box_mesh(0.1, 0.06, 0.04), turned(0.0, [0, 0, 0.5]).to(dtype=torch.float32))
    symmetric = dataclasses.replace(truth, symmetries=torch.stack([torch.eye(4), half]))
    flipped = dataclasses.replace(truth, pose=turned(math.pi, [0, 0, 0.5]).to(dtype=torch.float32))
    turn, shift = pose_errors(symmetric, surface_of(flipped.posed()))
    assert math.degrees(turn) < 0.5
    assert shift < 5e-4


def test_a_ball_has_no_orientation_and_what_is_missing_counts_the_worst(case):
    assert is_ball(surface_of(sphere_mesh(0.04)))
    assert not is_ball(surface_of(box_mesh(0.04, 0.04, 0.04)))
    record = SceneRecord("ball-0", None, (ObjectRecord("ball-0", "ball", 0, None, 0.08, "nothing", {}),))
    (item,) = with_pose_errors(record, case.sample, Reconstruction(Scene())).objects
    assert item.values["turn"] is None
    assert item.values["shift"] == pytest.approx(0.04, rel=0.01)
    table = pose_table(tiny([]), {"m": [judged("m", "fit", [item.values])]})
    assert table.rows[0]["with orientation"] == 0


def test_all_tables_come_out_of_one_command(case, tmp_path, monkeypatch):
    monkeypatch.setattr(
        reconstruction, "chosen_conditions", lambda names: [dataclasses.replace(tiny([case]), name="real")]
    )
    told = []
    options = {"only": ("real",), "methods": ("B5",), "work": tmp_path / "work"}
    path = bench.run("reconstruction", None, tmp_path / "out.json", told.append, options)
    assert [table.title.split(" (")[0] for table in told] == ["A ball on a table", "Goals"]
    assert json.loads(path.read_text())["tables"][0]["rows"][0]["method"] == "B5 hull, dropped"


def test_an_option_that_a_benchmark_lacks_is_refused():
    with pytest.raises(UsageError, match=r"'pipeline' has no option --count.*none but"):
        bench.run("pipeline", options={"count": 3})
    with pytest.raises(UsageError, match=r"'reconstruction' has no option --size\. It has: --meshes, --count"):
        bench.run("reconstruction", options={"size": 3})
