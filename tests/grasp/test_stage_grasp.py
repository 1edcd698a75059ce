import math

import torch

from dig_framework.builtin.policy_top_down import TopDown
from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.grasp import ParallelJaw
from dig_framework.stages.grasp import grasp
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, translation

POLICY = TopDown(places=(0.0, 0.25), depths=(0.5,), tilts=(0.0,))


def cube(side, index=0, x=0.0, **known):
    mesh = box_mesh(side, side, side, dtype=torch.float64)
    return table_object(index, mesh, translation(x, 0.0, side / 2), **known)


def stage(scene):
    return grasp(scene, POLICY, ParallelJaw(), QuasiStatic(), 0)


def test_ranks_successes_first():
    found = stage(table_scene(cube(0.05), cube(0.04, 1, 0.2, mass=50.0)))
    order = [(trial.success, trial.score) for trial in found.trials]
    assert order == sorted(order, reverse=True)
    assert found.trials[0].success
    assert not found.trials[-1].success


def test_says_why_an_object_has_no_grasp():
    scene = table_scene(
        cube(0.05), cube(0.2, 1, 0.5), cube(0.05, 2, 0.9, mass=math.nan), cube(0.04, 3, -0.3, mass=50.0)
    )
    reasons = {failure.index: failure.reason for failure in stage(scene).failures}
    assert set(reasons) == {1, 2, 3}
    assert reasons[1] == "No grasp is free of collisions and fits the hand."
    assert reasons[2] == "It is no rigid body: invalid mass."
    assert reasons[3].startswith("None of ")
    assert "slipped" in reasons[3]
    assert {failure.stage for failure in stage(scene).failures} == {"grasp"}


def test_empty_scene():
    found = stage(table_scene())
    assert (found.trials, found.failures) == ((), ())


def test_scale_is_applied():
    item = cube(0.1).replace(scale=torch.full((3,), 0.5, dtype=torch.float64))
    assert not stage(table_scene(cube(0.1))).trials
    assert table_scene(item).baked().objects[0].mesh.vertices.max() == 0.025
    assert stage(table_scene(item)).trials
