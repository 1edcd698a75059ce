"""Poses: group laws, inverse functions and gradients."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dig_framework.pose import Pose, rotation_from_vector, vector_from_rotation

components = st.lists(st.floats(-3, 3, width=32), min_size=3, max_size=3)


@settings(max_examples=50, deadline=None)
@given(vector=components)
def test_rotation_is_a_rotation(vector):
    rotation = rotation_from_vector(torch.tensor(vector, dtype=torch.float64))
    assert torch.allclose(rotation @ rotation.mT, torch.eye(3, dtype=torch.float64), atol=1e-12)
    assert float(torch.linalg.det(rotation)) == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(vector=components)
def test_vector_is_the_inverse_up_to_full_turns(vector):
    rotation = rotation_from_vector(torch.tensor(vector, dtype=torch.float64))
    back = vector_from_rotation(rotation)
    assert float(back.norm()) <= math.pi + 1e-9
    assert torch.allclose(rotation_from_vector(back), rotation, atol=1e-9)


def test_quarter_turn_about_z():
    rotation = rotation_from_vector(torch.tensor([0.0, 0.0, math.pi / 2], dtype=torch.float64))
    turned = rotation @ torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    assert torch.allclose(turned, torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64), atol=1e-15)


@pytest.mark.parametrize("scale", [0.0, 1e-9, 0.02, 0.1 - 1e-9, 0.1 + 1e-9, 1.0, 3.0])
def test_agrees_with_scipy(scale):
    rotation = pytest.importorskip("scipy.spatial.transform").Rotation
    vector = scale * torch.tensor([[2.0, -3.0, 6.0], [0.0, 0.0, 7.0]], dtype=torch.float64) / 7
    expected = torch.as_tensor(rotation.from_rotvec(vector.numpy()).as_matrix())
    assert torch.allclose(rotation_from_vector(vector), expected, rtol=0, atol=2e-15)


@pytest.mark.parametrize("scale", [0.0, 1e-9, 0.3, 3.0])
def test_gradient(scale):
    vector = scale * torch.tensor([0.4, -0.5, 0.7], dtype=torch.float64)
    points = torch.rand(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))

    def moved(translation, rotation):
        return Pose(translation, rotation).transform(points)

    inputs = (torch.ones(3, dtype=torch.float64).requires_grad_(), vector.requires_grad_())
    assert torch.autograd.gradcheck(moved, inputs)


def test_batches_of_vectors():
    vectors = torch.rand(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rotations = rotation_from_vector(vectors)
    assert rotations.shape == (2, 5, 3, 3)
    assert torch.allclose(vector_from_rotation(rotations), vectors, atol=1e-12)


def test_matrix_and_transform_agree():
    pose = Pose(torch.tensor([0.1, -0.2, 0.3]), torch.tensor([0.4, 0.5, -0.6]))
    points = torch.rand(7, 3, generator=torch.Generator().manual_seed(0))
    homogeneous = torch.cat([points, torch.ones(7, 1)], 1) @ pose.matrix().T
    assert torch.allclose(pose.transform(points), homogeneous[:, :3], atol=1e-6)


def test_from_matrix():
    pose = Pose(torch.tensor([0.1, -0.2, 0.3]), torch.tensor([0.4, 0.5, -0.6]))
    again = Pose.from_matrix(pose.matrix())
    assert torch.allclose(again.rotation, pose.rotation, atol=1e-6)
    assert torch.equal(again.translation, pose.translation)
    assert torch.equal(Pose.identity().matrix(), torch.eye(4))
