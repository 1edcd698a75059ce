"""The motion between a reconstruction's frame and the true one."""

import numpy as np
import pytest
import torch

from dig_framework.metrics.pose_errors import rotation_error, transformed, translation_error
from dig_framework.metrics.registration import registered_pose, registration, rigid_alignment
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.pose import Pose
from dig_framework.testing.solids import box_mesh


def pose(turn, shift) -> np.ndarray:
    return Pose(torch.tensor(shift, dtype=torch.float64), torch.tensor(turn, dtype=torch.float64)).matrix().numpy()


def test_alignment_of_partners_is_exact():
    points = np.random.default_rng(0).normal(size=(20, 3))
    motion = pose([0.7, -2.0, 0.4], [0.3, 0.1, -0.8])
    np.testing.assert_allclose(rigid_alignment(points, transformed(motion, points)), motion, atol=1e-12)


def test_alignment_never_mirrors():
    points = np.random.default_rng(1).normal(size=(20, 3))
    found = rigid_alignment(points, points * [1, 1, -1])
    assert np.linalg.det(found[:3, :3]) == pytest.approx(1)


def test_a_frozen_registration_judges_poses_in_other_views():
    box = surface_of(box_mesh(0.12, 0.08, 0.05, dtype=torch.float64))
    model, own = pose([0.4, 0.2, -1.0], [0.05, -0.02, 0.6]), pose([0.1, 0.0, 0.0], [0.01, 0.0, 0.0])
    # The reconstruction is the true box in another frame, and is posed 4 mm and some degrees off in the first view.
    slip = pose([0.03, -0.02, 0.05], [0.003, 0.002, -0.001])
    first = slip @ model @ own
    in_own = Surface(transformed(np.linalg.inv(own), box.vertices), box.faces)
    truth, guess = (Surface(transformed(at, item.vertices), item.faces) for at, item in ((model, box), (first, in_own)))
    frozen = registration(truth, guess)
    assert rotation_error(frozen @ slip, np.eye(4)) < 0.02
    other = pose([1.0, 0.5, 0.0], [0.0, 0.1, 0.5])
    judged = registered_pose(other @ own, first, model, frozen)
    assert rotation_error(judged, other) < 0.02
    assert translation_error(judged, other) < 0.002
    np.testing.assert_allclose(registered_pose(other @ own, first, model, np.linalg.inv(slip)), other, atol=1e-12)
