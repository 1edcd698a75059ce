import math

import numpy as np
import pytest
import torch

from dig_framework.builtin.policy_antipodal import Antipodal
from dig_framework.builtin.policy_top_down import TopDown
from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.interfaces.policy import Policy
from dig_framework.testing.policy_conformance import PolicyConformance
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.tabletop import scene_from_table, table_object, table_scene, translation


class TestAntipodal(PolicyConformance):
    component = Antipodal(samples=48, tries=40)


class TestTopDown(PolicyConformance):
    component = TopDown(places=(0.0, 0.25), depths=(0.5,), tilts=(0.0, 0.52))


class Blind(Policy):
    """Closes at the camera, whatever is there."""

    def propose(self, scene, hand, seed):
        return tuple(Grasp(item.index, torch.eye(4), hand.opening) for item in scene.objects)


def test_suite_finds_blind_policy():
    class Suite(PolicyConformance):
        component = Blind()

    for check in ("test_object_is_between_pads", "test_some_candidate_holds", "test_proposes_nothing_too_wide"):
        with pytest.raises(AssertionError):
            getattr(Suite(), check)()


class Wrong(Policy):
    """Wrong on purpose in one respect."""

    fault: str

    def propose(self, scene, hand, seed):
        found = TopDown().propose(scene, hand, seed)
        if self.fault == "worst first":
            return found[::-1]
        return tuple(grasp.replace(width=0.03) for grasp in found)


@pytest.mark.parametrize(
    ("fault", "check", "complaint"),
    [
        ("worst first", "test_most_promising_first", "the first two candidates score"),
        ("too narrow", "test_object_is_between_pads", "m inside the left finger of a candidate"),
    ],
)
def test_suite_finds_wrong_policies(fault, check, complaint):
    suite = type("Suite", (PolicyConformance,), {"component": Wrong(fault=fault)})()
    with pytest.raises(AssertionError, match=complaint):
        getattr(suite, check)()


def closing_axes(grasps):
    """Return the closing directions in the table's frame."""
    turn = scene_from_table()[:3, :3].numpy()
    return np.stack([turn.T @ grasp.scene_from_hand[:3, 0].double().numpy() for grasp in grasps])


@pytest.mark.parametrize("policy", [Antipodal(samples=48, tries=40), TopDown()])
def test_closes_across_the_only_side_that_fits(policy):
    long_box = table_object(0, box_mesh(0.2, 0.05, 0.12, dtype=torch.float64), translation(0.0, 0.0, 0.06))
    axes = closing_axes(policy.propose(table_scene(long_box), ParallelJaw(), 1))
    assert len(axes) > 0
    assert np.abs(axes[:, 1]).min() > math.cos(math.atan(0.5))


def test_antipodal_axes_of_a_ball_pass_near_its_middle():
    ball = table_object(0, sphere_mesh(0.03, 3, torch.float64), translation(0.0, 0.0, 0.03))
    grasps = Antipodal(samples=128, tries=60).propose(table_scene(ball), ParallelJaw(), 0)
    middle = scene_from_table()[:3, :3] @ torch.tensor([0, 0, 0.03], dtype=torch.float64) + scene_from_table()[:3, 3]
    levers = [
        float(torch.linalg.cross(middle - g.scene_from_hand[:3, 3], g.scene_from_hand[:3, 0].double()).norm())
        for g in grasps
    ]
    # A chord with both ends within the friction cone passes the middle at r sin(atan mu) at most.
    assert grasps
    assert max(levers) < 0.03 * math.sin(math.atan(0.5)) + 1e-3


def test_promising_first():
    box = table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.0, 0.0, 0.025))
    first = Antipodal(samples=48, tries=40).propose(table_scene(box), ParallelJaw(), 0)[0]
    up = scene_from_table()[:3, 2]
    assert -float(first.scene_from_hand[:3, 2].double() @ up) > 0.8
    assert abs(float((first.scene_from_hand[:3, 3].double() - scene_from_table()[:3, 3]) @ up) - 0.025) < 0.015


def test_neighbour_blocks_the_side_it_stands_on():
    box = table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.0, 0.0, 0.025))
    wall = table_object(1, box_mesh(0.02, 0.3, 0.3, dtype=torch.float64), translation(0.04, 0.0, 0.15))
    policy = Antipodal(samples=48, tries=40)
    alone = closing_axes(policy.propose(table_scene(box), ParallelJaw(), 0))
    beside = closing_axes([g for g in policy.propose(table_scene(box, wall), ParallelJaw(), 0) if g.object_index == 0])
    assert np.abs(alone[:, 0]).max() > 0.9
    assert len(beside) > 0
    assert np.abs(beside[:, 0]).max() < 0.9


def test_thin_plate_is_taken_by_the_fingertips():
    plate = table_object(0, box_mesh(0.06, 0.06, 0.008, dtype=torch.float64), translation(0.0, 0.0, 0.004))
    grasps = TopDown().propose(table_scene(plate), ParallelJaw(), 0)
    assert grasps


def test_tiny_object():
    pea = table_object(0, sphere_mesh(0.004, 2, torch.float64), translation(0.0, 0.0, 0.004))
    for policy in (Antipodal(samples=48, tries=40), TopDown()):
        assert policy.propose(table_scene(pea), ParallelJaw(), 0), f"{policy.slot} finds nothing"


def test_other_seed_other_candidates():
    box = table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.0, 0.0, 0.025))
    first, second = (Antipodal(samples=32, tries=20).propose(table_scene(box), ParallelJaw(), seed) for seed in (0, 1))
    assert not torch.equal(first[0].scene_from_hand, second[0].scene_from_hand)
