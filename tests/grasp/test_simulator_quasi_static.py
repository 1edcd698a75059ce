import math
import unittest

import pytest
import torch

from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.grasp import ParallelJaw, Trial
from dig_framework.interfaces.simulator import Simulator
from dig_framework.testing.simulator_conformance import SimulatorConformance
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.tabletop import scene_from_table, table_object, table_scene, top_grasp, translation


class TestQuasiStatic(SimulatorConformance):
    component = QuasiStatic()


class Optimist(Simulator):
    """Nothing falls and everything holds."""

    def settle(self, scene, duration, gravity=None):
        return scene

    def attempt(self, scene, grasps, hand, seed):
        return tuple(Trial(grasp, True, 1.0, "held") for grasp in grasps)


def test_suite_finds_optimist():
    class Suite(SimulatorConformance):
        component = Optimist()

    failed = []
    for name in Suite.checks():
        try:
            getattr(Suite(), name)()
        except AssertionError:
            failed.append(name)
        except unittest.SkipTest:
            continue
    assert {
        "test_falls_freely",
        "test_comes_to_rest_on_table",
        "test_slides_above_friction_angle",
        "test_misses_beside_box",
        "test_fails_into_table",
        "test_slips_without_friction",
        "test_cannot_hold_heavy_block",
        "test_keeps_order",
        "test_fails_what_cannot_be_simulated",
    } <= set(failed)


class Careless(Simulator):
    """Wrong on purpose in one respect."""

    fault: str

    def settle(self, scene, duration, gravity=None):
        return QuasiStatic().settle(scene, duration, gravity)

    def attempt(self, scene, grasps, hand, seed):
        trials = []
        for grasp in grasps:
            tried, there = grasp, scene
            if self.fault == "drops the others":
                there = scene.replace(objects=tuple(item for item in scene.objects if item.index == grasp.object_index))
            if self.fault == "always opens wide":
                tried = grasp.replace(width=0.08)
            trials.append(QuasiStatic().attempt(there, [tried], hand, seed)[0].replace(grasp=grasp))
        return tuple(trials)


@pytest.mark.parametrize(
    ("fault", "check"),
    [("drops the others", "test_fails_into_neighbour"), ("always opens wide", "test_fails_with_pads_inside")],
)
def test_suite_finds_careless_simulators(fault, check):
    suite = type("Suite", (SimulatorConformance,), {"component": Careless(fault=fault)})()
    suite.test_lifts_box_by_centred_grasp()
    suite.test_keeps_order()
    with pytest.raises(AssertionError, match="said to hold"):
        getattr(suite, check)()


def block(sides=(0.05, 0.06, 0.04), index=0, x=0.0, z=None, **known):
    mesh = box_mesh(*sides, dtype=torch.float64)
    return table_object(index, mesh, translation(x, 0.0, sides[2] / 2 if z is None else z), **{"mass": 0.2, **known})


def attempt(scene, *grasps):
    return QuasiStatic().attempt(scene, grasps, ParallelJaw(), 0)


@pytest.mark.parametrize(
    ("scene", "grasp", "reason"),
    [
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "held"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.002, 0.07), "collision"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.04), "collision"),
        (table_scene(block(sides=(0.2, 0.2, 0.05))), top_grasp(0, 0.0, 0.0, 0.03, 0.085), "too wide"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.2), "too wide"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, -0.1), "invalid grasp"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, math.nan), "invalid grasp"),
        (table_scene(block()), top_grasp(0, 0.15, 0.0, 0.02, 0.07), "missed"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.085, turn=0.3), "slipped"),
        (table_scene(block(mass=20.0)), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "slipped"),
        (table_scene(block(), block(index=1, x=0.058)), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "collision"),
        (table_scene(), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "no such object"),
        (table_scene(block(friction=math.inf)), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "invalid friction"),
    ],
)
def test_reasons(scene, grasp, reason):
    trial = attempt(scene, grasp)[0]
    assert trial.reason == reason
    assert trial.success == (reason == "held")


def test_load_factor_of_a_block_is_analytic():
    trial = attempt(table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.07))[0]
    assert trial.measures["load_factor"] == pytest.approx(2 * 0.5 * 30 / (0.2 * 9.81), rel=1e-5)
    assert trial.measures["thickness_m"] == pytest.approx(0.05, abs=1e-9)
    assert trial.measures["clearance_m"] == pytest.approx(0.01, abs=1e-9)
    assert trial.measures["misalignment_rad"] == pytest.approx(0.0, abs=1e-6)


def test_corners_are_held_where_the_line_between_them_is_in_both_cones():
    """The corners of a square block lie on a line 45 degrees from its sides.

    atan 0.5 is 26.6 degrees, and the pyramids that stand for the cones are a little narrower.
    """
    scene = table_scene(block(sides=(0.04, 0.04, 0.04)))
    angles = [math.radians(45 - off) for off in (5, 15, 31, 40)]
    grasps = [top_grasp(0, 0.0, 0.0, 0.02, 0.08, turn=angle) for angle in angles]
    trials = QuasiStatic(compliance=1e-5).attempt(scene, grasps, ParallelJaw(finger_width=0.06), 0)
    assert [trial.success for trial in trials] == [True, True, False, False]


def test_off_centre_scores_lower():
    grasps = [
        top_grasp(0, 0.0, 0.0, 0.02, 0.08),
        top_grasp(0, 0.01, 0.0, 0.02, 0.08),
        top_grasp(0, 0.0, 0.02, 0.02, 0.08),
    ]
    scores = [trial.score for trial in attempt(table_scene(block()), *grasps)]
    assert scores[0] > max(scores[1:])


def test_grasps_without_a_plane():
    scene = table_scene(block()).replace(plane=None)
    assert attempt(scene, top_grasp(0, 0.0, 0.0, 0.02, 0.07))[0].success


def test_open_mesh_is_grasped():
    item = block()
    opened = item.replace(mesh=item.mesh.replace(faces=item.mesh.faces[2:]))
    assert attempt(table_scene(opened), top_grasp(0, 0.0, 0.0, 0.02, 0.07, turn=math.pi / 2))[0].success


def test_floating_object_is_grasped_and_falls():
    floating = block(z=0.12)
    assert attempt(table_scene(floating), top_grasp(0, 0.0, 0.0, 0.12, 0.07))[0].success
    after = QuasiStatic().settle(table_scene(floating), 2.0)
    assert float(after.plane.height(after.objects[0].posed().vertices).min()) == pytest.approx(0.0, abs=1e-6)


def test_sunken_object_is_raised():
    after = QuasiStatic().settle(table_scene(block(z=0.01)), 1.0)
    assert float(after.plane.height(after.objects[0].posed().vertices).min()) == pytest.approx(0.0, abs=1e-6)


def test_settling_without_a_plane_falls_forever():
    scene = table_scene(block()).replace(plane=None)
    moved = QuasiStatic().settle(scene, 2.0).objects[0].pose.translation - scene.objects[0].pose.translation
    torch.testing.assert_close(
        moved.double(), torch.tensor([0.0, 2 * 9.81, 0.0], dtype=torch.float64), rtol=1e-6, atol=1e-6
    )


def test_standing_pen_falls_over():
    tilt = translation(0.0, 0.0, 0.08)
    tilt[:3, :3] = torch.tensor(
        [[math.cos(0.3), 0.0, math.sin(0.3)], [0.0, 1.0, 0.0], [-math.sin(0.3), 0.0, math.cos(0.3)]]
    )
    pen = table_object(0, box_mesh(0.01, 0.01, 0.15, dtype=torch.float64), tilt)
    after = QuasiStatic().settle(table_scene(pen), 1.0)
    heights = after.plane.height(after.objects[0].posed().vertices)
    assert float(heights.max() - heights.min()) == pytest.approx(0.01, abs=1e-5)
    lying = scene_from_table()[:3, :3].mT @ after.objects[0].pose.matrix()[:3, 2].double()
    assert float(lying[0]) == pytest.approx(1.0, abs=1e-4)


def test_flawed_objects_stay():
    flawed = block(z=0.3, mass=math.nan)
    after = QuasiStatic().settle(table_scene(flawed), 1.0)
    assert torch.equal(after.objects[0].pose.translation, flawed.pose.translation)


def test_ball_is_held_at_its_middle_and_not_near_its_top():
    ball = table_object(0, sphere_mesh(0.03, 4, torch.float64), translation(0.0, 0.0, 0.03), mass=0.1)
    middle, top = attempt(table_scene(ball), top_grasp(0, 0.0, 0.0, 0.03, 0.075), top_grasp(0, 0.0, 0.0, 0.062, 0.075))
    assert middle.success
    assert not top.success


def test_reasons_are_declared():
    assert {"held", "collision", "missed", "slipped", "too wide"} <= QuasiStatic.reasons
