import base64
import json

import numpy as np
import pytest
from sphere_run import DISTANCE, NASTY, RADIUS, SLOPE, scene, write_run

from dig_framework.report.run_record import read_run
from dig_framework.report.view_data import view_data


def _array(text: str, kind: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind).reshape(-1, 3)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return view_data(read_run(write_run(tmp_path_factory.mktemp("view"))))


def test_the_sphere_stands_on_the_origin_of_the_table(view):
    (item,) = view["stages"][-1]["objects"]
    vertices = _array(item["vertices"], np.float32)
    np.testing.assert_allclose(vertices.mean(0), [0, 0, RADIUS], atol=1e-4)
    assert vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    assert item["label"] == NASTY
    faces = _array(item["faces"], np.uint16)
    assert not item["wide"]
    assert faces.max() == len(vertices) - 1
    assert len(_array(item["colors"], np.uint8)) == len(vertices)


def test_earlier_stages_are_where_they_were(view):
    middles = [_array(stage["objects"][0]["vertices"], np.float32).mean(0) for stage in view["stages"]]
    assert [stage["name"] for stage in view["stages"]] == ["initialize", "fit", "deform"]
    np.testing.assert_allclose(middles[0], [0.01, 0, RADIUS], atol=1e-4)


def test_measured_points_lie_on_the_table_or_the_sphere(view):
    points = _array(view["points"]["positions"], np.float32)
    to_sphere = np.abs(np.linalg.norm(points - [0, 0, RADIUS], axis=1) - RADIUS)
    # Depth files hold steps of 0.1 mm.
    assert np.minimum(np.abs(points[:, 2]), to_sphere).max() < 2e-4
    assert (to_sphere < 2e-4).sum() > 100
    assert len(_array(view["points"]["colors"], np.uint8)) == len(points)


def test_the_camera_is_where_it_was(view):
    eye = view["camera"]["lines"][0]
    expected = [0, -DISTANCE * np.cos(SLOPE), RADIUS + DISTANCE * np.sin(SLOPE)]
    np.testing.assert_allclose(eye, expected, atol=1e-4)
    assert view["camera"]["view"] == pytest.approx(2 * np.arctan(60 / 150), abs=1e-5)


def test_hands_come_from_above_and_are_open_as_far_as_their_grasp(view):
    left, right, palm = (np.array(box).reshape(8, 3) for box in view["grasps"][0]["boxes"])
    gap = right[:, 0].min() - left[:, 0].max()
    assert abs(gap) == pytest.approx(0.08, abs=1e-4)
    assert palm[:, 2].min() > RADIUS
    start, end = np.array(view["grasps"][0]["approach"]).reshape(2, 3)
    np.testing.assert_allclose(start - end, [0, 0, 0.08], atol=1e-4)
    assert [grasp["held"] for grasp in view["grasps"]] == [True, False]


def test_after_segmentation_alone_the_table_is_level(tmp_path):
    folder = write_run(tmp_path)
    for name in ("initialize", "fit", "deform", "scene.json"):
        (folder / name).rename(folder / f".{name}")
    view = view_data(read_run(folder))
    points = _array(view["points"]["positions"], np.float32)
    assert (np.abs(points[:, 2]) < 2e-4).mean() > 0.3
    assert view["table"]
    np.testing.assert_allclose(np.median(points[points[:, 2] > 0.02], axis=0)[:2], [0, 0], atol=0.03)


def test_a_run_without_anything_has_an_empty_view(tmp_path):
    view = view_data(read_run(tmp_path))
    assert view["stages"] == []
    assert view["points"] is None
    assert view["camera"] is None
    json.dumps(view, allow_nan=False)


def test_a_camera_that_looks_straight_down_has_a_frame_too(tmp_path):
    folder = write_run(tmp_path)
    text = (folder / "scene.json").read_text()
    values = json.loads(text)
    values["plane"].update(normal=[0.0, 0.0, -1.0], offset=DISTANCE + RADIUS)
    (folder / "scene.json").write_text(json.dumps(values))
    vertices = _array(view_data(read_run(folder))["stages"][-1]["objects"][0]["vertices"], np.float32)
    np.testing.assert_allclose(vertices.mean(0), [0, 0, RADIUS], atol=1e-4)
    assert len(vertices) == len(scene().objects[0].mesh.vertices)
