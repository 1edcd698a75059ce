import math
import sys

import numpy as np
import pytest
import torch
from dig_mujoco import MujocoSimulator

from dig_framework import plugins
from dig_framework.errors import ComponentError
from dig_framework.grasp import ParallelJaw
from dig_framework.mesh import Mesh
from dig_framework.synthesis.arrangement import arranged
from dig_framework.synthesis.catalogue import Household
from dig_framework.synthesis.packing import touching_group
from dig_framework.synthesis.photograph import Studio
from dig_framework.synthesis.placed import settled
from dig_framework.testing.simulator_conformance import SimulatorConformance
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.tabletop import table_object, table_scene, top_grasp, translation


class TestMujocoSimulator(SimulatorConformance):
    component = MujocoSimulator()


class TestCoarseSteps(SimulatorConformance):
    component = MujocoSimulator(timestep=0.004)


def block(sides=(0.05, 0.06, 0.04), index=0, x=0.0, z=None, **known):
    mesh = box_mesh(*sides, dtype=torch.float64)
    return table_object(index, mesh, translation(x, 0.0, sides[2] / 2 if z is None else z), **{"mass": 0.2, **known})


def attempt(scene, *grasps, **settings):
    return MujocoSimulator(**settings).attempt(scene, grasps, ParallelJaw(), 0)


def test_is_installed_by_name():
    assert plugins.load("simulator", "mujoco") is MujocoSimulator


@pytest.mark.parametrize(
    ("scene", "grasp", "reason"),
    [
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "held"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, -0.01, 0.07), "collision"),
        (table_scene(block(mass=5.0)), top_grasp(0, 0.03, 0.0, 0.02, 0.07), "collision"),
        (table_scene(block()), top_grasp(0, 0.15, 0.0, 0.02, 0.07), "missed"),
        (table_scene(block(mass=8.0)), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "slipped"),
        (table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.2), "too wide"),
        (table_scene(block(mass=math.nan)), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "invalid mass"),
        (table_scene(), top_grasp(0, 0.0, 0.0, 0.02, 0.07), "no such object"),
    ],
)
def test_reasons(scene, grasp, reason):
    trial = attempt(scene, grasp)[0]
    assert trial.reason == reason
    assert trial.success == (reason == "held")


def test_measures_what_happened():
    held, slipped = (
        attempt(table_scene(block(mass=mass)), top_grasp(0, 0.0, 0.0, 0.02, 0.07))[0] for mass in (0.2, 8.0)
    )
    assert held.measures["lifted_m"] == pytest.approx(0.15, abs=0.005)
    assert held.measures["slip_m"] < 0.002
    assert held.score > 0.9
    assert held.measures["endured"] == 1.0
    assert slipped.measures["endured"] < 1.0
    assert slipped.score < 0.4


@pytest.mark.parametrize(("mass", "held"), [(0.7, True), (1.4, True), (4.5, False)])
def test_holds_what_friction_can_bear(mass, held):
    """Two pads of 30 N and a coefficient of 0.5 bear 30 N = 3.06 kg at rest; lifting and shaking take their share."""
    assert attempt(table_scene(block(mass=mass)), top_grasp(0, 0.0, 0.0, 0.02, 0.07))[0].success == held


def test_light_object_off_centre_is_pushed_and_held():
    trial = attempt(table_scene(block(mass=0.05)), top_grasp(0, 0.008, 0.0, 0.02, 0.07))[0]
    assert trial.success


def test_ball_comes_up_too():
    ball = table_object(0, sphere_mesh(0.03, 3, torch.float64), translation(0.0, 0.0, 0.03), mass=0.1)
    assert attempt(table_scene(ball), top_grasp(0, 0.0, 0.0, 0.03, 0.075))[0].success


def test_objects_do_not_fall_through_each_other():
    lower, upper = block(sides=(0.1, 0.1, 0.05)), block(index=1, z=0.15)
    after = MujocoSimulator().settle(table_scene(lower, upper), 1.0)
    heights = after.plane.height(after.objects[1].posed().vertices)
    assert float(heights.min()) == pytest.approx(0.05, abs=1e-3)


def test_sunken_object_is_raised_and_stays():
    after = MujocoSimulator().settle(table_scene(block(z=0.01)), 0.5)
    assert float(after.plane.height(after.objects[0].posed().vertices).min()) == pytest.approx(0.0, abs=1e-3)


def test_scene_without_a_plane_falls_freely():
    scene = table_scene(block()).replace(plane=None)
    moved = MujocoSimulator().settle(scene, 0.2).objects[0].pose.translation - scene.objects[0].pose.translation
    assert float(moved[1]) == pytest.approx(0.5 * 9.81 * 0.2**2, rel=0.02)


def test_settling_an_empty_or_broken_scene_changes_nothing():
    assert MujocoSimulator().settle(table_scene(), 1.0).objects == ()
    broken = block(mass=math.nan, z=0.5)
    after = MujocoSimulator().settle(table_scene(broken), 0.2)
    assert torch.equal(after.objects[0].pose.translation, broken.pose.translation)


def test_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(ComponentError, match="pip install mujoco"):
        attempt(table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.07))


def test_says_what_decomposition_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "coacd", None)
    with pytest.raises(ComponentError, match=r"dig-mujoco\[coacd\]"):
        attempt(table_scene(block()), top_grasp(0, 0.0, 0.0, 0.02, 0.07), parts="coacd")


def channel():
    """Return a U-shaped channel: a floor of 1 cm and two walls of 1 cm, 7 cm high, along the table's y axis."""
    profile = [(-8, 0), (8, 0), (8, 7), (7, 7), (7, 1), (-7, 1), (-7, 7), (-8, 7)]
    corners = [[0.01 * x, y, 0.01 * z] for y in (-0.08, 0.08) for x, z in profile]
    front = [(0, 1, 4), (0, 4, 5), (1, 2, 3), (1, 3, 4), (0, 5, 6), (0, 6, 7)]
    back = [(a + 8, c + 8, b + 8) for a, b, c in front]
    around = [(k, (k + 1) % 8) for k in range(8)]
    sides = [face for a, b in around for face in ((a, a + 8, b), (b, a + 8, b + 8))]
    mesh = Mesh(torch.tensor(corners, dtype=torch.float64), torch.tensor(front + back + sides))
    assert mesh.is_closed()
    assert float(mesh.volume()) == pytest.approx(0.16 * (0.16 * 0.01 + 2 * 0.06 * 0.01))
    return table_object(0, mesh, translation(0.0, 0.0, 0.0), mass=0.2)


def test_decomposition_lets_a_finger_into_a_channel():
    pytest.importorskip("coacd")
    wall = top_grasp(0, 0.075, 0.0, 0.055, 0.05)
    assert attempt(table_scene(channel()), wall)[0].reason == "collision"
    assert attempt(table_scene(channel()), wall, parts="coacd")[0].reason in ("held", "slipped")


def test_decomposition_keeps_an_object_standing():
    pytest.importorskip("coacd")
    scene = table_scene(channel())
    after = MujocoSimulator(parts="coacd").settle(scene, 0.5)
    moved = (after.objects[0].posed().vertices - scene.objects[0].posed().vertices).norm(dim=1)
    assert float(moved.max()) < 1e-3


@pytest.mark.parametrize("seed", [0, 3])
def test_household_clutter_comes_to_rest_touching_and_apart_from_the_table(seed):
    catalogue, rng = Household(0), np.random.default_rng(seed)
    arrangement = arranged("clutter", catalogue, MujocoSimulator(), Studio("raster", 0), rng)
    things = arrangement.things
    assert 4 <= len(things) <= 8
    assert touching_group(things) == list(range(len(things)))
    lowest = [float(thing.points()[:, 2].min()) for thing in things]
    assert min(lowest) > -1e-3
    assert min(lowest) < 1e-3
    again = settled(things, MujocoSimulator(), 1.0)
    assert again is not None
    for before, after in zip(things, again, strict=True):
        assert np.linalg.norm(after.points() - before.points(), axis=1).max() < 0.005
