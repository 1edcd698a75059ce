"""Results files: every digit comes back, and every wrong line is named."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dig_framework.bop_results import BopEstimate, read_bop_results, write_bop_results
from dig_framework.errors import InputError
from dig_framework.pose import rotation_from_vector

HEADER = "scene_id,im_id,obj_id,score,R,t,time"
LINE = "1,3,5,0.9,1 0 0 0 1 0 0 0 1,10.5 -20 700,0.25"


def estimate(shift=(0.1, -0.2, 0.7), turn=(0.1, 0.2, 0.3), **changes):
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3] = rotation_from_vector(torch.tensor(turn, dtype=torch.float64))
    pose[:3, 3] = torch.tensor(shift, dtype=torch.float64)
    values = {
        "scene": 48,
        "image": 1,
        "identity": 5,
        "score": 0.5,
        "camera_from_model": pose,
        "seconds": 1.5,
        **changes,
    }
    return BopEstimate(**values)


numbers = st.floats(-10, 10, allow_nan=False)


@given(st.tuples(numbers, numbers, numbers), st.tuples(numbers, numbers, numbers), st.floats(0, 1), st.none() | numbers)
def test_every_digit_comes_back(tmp_path_factory, shift, turn, score, seconds):
    path = tmp_path_factory.mktemp("results") / "ours_ycbv-test.csv"
    item = estimate(shift, turn, score=score, seconds=None if seconds is None else abs(seconds))
    write_bop_results(path, [item])
    (found,) = read_bop_results(path)
    assert torch.equal(found.camera_from_model, item.camera_from_model)
    assert (found.scene, found.image, found.identity) == (48, 1, 5)
    assert (found.score, found.seconds) == (item.score, item.seconds)


def test_a_line_of_the_format_is_understood(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n{LINE}\n")
    (found,) = read_bop_results(path)
    assert found.camera_from_model[:3, 3].tolist() == [0.0105, -0.02, 0.7]
    assert (found.scene, found.image, found.identity, found.score, found.seconds) == (1, 3, 5, 0.9, 0.25)
    write_bop_results(path, [found])
    header, line = path.read_text().splitlines()
    assert header == HEADER
    assert [list(map(float, cell.split())) for cell in line.split(",")] == [
        list(map(float, cell.split())) for cell in LINE.split(",")
    ]


def test_a_time_that_was_not_measured_is_minus_one(tmp_path):
    path = tmp_path / "a.csv"
    write_bop_results(path, [estimate(seconds=None)])
    assert path.read_text().splitlines()[1].endswith(",-1.0")
    assert read_bop_results(path)[0].seconds is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "starts with ''; the first line"),
        ("scene,image\n", "starts with 'scene,image'; the first line"),
        (f"{HEADER}\n{LINE}\n1,2,3\n", "line 3: has 3 cells"),
        (f"{HEADER}\n{LINE.replace('1,3,5', 'x,3,5')}\n", "line 2: scene_id is 'x'"),
        (f"{HEADER}\n{LINE.replace('10.5 -20 700', '10.5 -20')}\n", "line 2: t has 2 numbers; give 3"),
        (f"{HEADER}\n{LINE.replace('10.5', 'ten')}\n", "line 2: t is 'ten -20 700'"),
        (f"{HEADER}\n{LINE.replace('10.5', '1e999999999')}\n", "line 2: t is '1e999999999 -20 700'"),
        (f"{HEADER}\n{LINE.replace('10.5', '1e99')}\n", "line 2: t reaches 1e+96 m"),
        (f"{HEADER}\n{LINE.replace('10.5', 'nan')}\n", "line 2: the pose or the score is not finite"),
        (f"{HEADER}\n{LINE.replace('1 0 0 0 1', '2 0 0 0 1')}\n", "line 2: R is no rotation, it is off by 3"),
        (f"{HEADER}\n{LINE.replace('0.25', '-3')}\n", "line 2: time is -3 s"),
        (f"{HEADER}\n{LINE}\n{LINE.replace('0.25', '0.5')}\n", "took 0.25 and 0.5 s; give one time"),
    ],
)
def test_wrong_files_are_refused(tmp_path, text, reason):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_bop_results(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)


def test_nothing_is_written_of_a_pose_that_is_not_rigid(tmp_path):
    path = tmp_path / "a.csv"
    bad = estimate().replace(camera_from_model=2 * torch.eye(4, dtype=torch.float64))
    with pytest.raises(InputError, match="R is no rotation"):
        write_bop_results(path, [estimate(), bad])
    assert not path.exists()
