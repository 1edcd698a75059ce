"""Drift of objects whose fall is known."""

import pytest
import torch

from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.material import Material
from dig_framework.metrics.settling import settle_drift
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.solids import box_mesh


def block(index: int, height: float) -> SceneObject:
    pose = Pose(torch.tensor([0.2 * index, 0.0, height]), torch.zeros(3))
    return SceneObject("block", index, box_mesh(0.1, 0.1, 0.1), pose, Material.matte(torch.ones(3)))


def test_what_stands_stays_and_what_hangs_falls():
    plane = Plane(torch.tensor([0.0, 0.0, 1.0]), torch.tensor(0.0))
    stands, hangs = settle_drift(Scene((block(3, 0.05), block(1, 0.08)), plane=plane), QuasiStatic())
    assert (stands.index, hangs.index) == (3, 1)
    assert stands.moved == pytest.approx(0, abs=1e-4)
    assert stands.is_settled()
    assert hangs.moved == pytest.approx(0.03, abs=1e-4)
    assert hangs.turned == pytest.approx(0, abs=1e-4)
    assert not hangs.is_settled()
