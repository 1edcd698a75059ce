"""Grasp candidates on a scene, tried and ranked.

A policy proposes grasps, a simulator tries each on a fresh copy of the scene, and a trial says whether it held, how
sure that is, and why not. The scene here is analytic, a box and a ball on a table; one that was reconstructed from an
image works the same way.
"""

import math

import torch

from dig_framework import ParallelJaw
from dig_framework.builtin.policy_antipodal import Antipodal
from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.tabletop import table_object, table_scene, translation

box = table_object(0, box_mesh(0.06, 0.04, 0.12), translation(-0.08, 0.0, 0.06), mass=0.2, friction=0.5)
ball = table_object(1, sphere_mesh(0.035), translation(0.08, 0.0, 0.035), mass=0.1, friction=0.5)
scene = table_scene(box, ball).to(dtype=torch.float32)
hand = ParallelJaw(opening=0.085)

grasps = Antipodal(candidates=24).propose(scene, hand, seed=0)
trials = sorted(QuasiStatic().attempt(scene, grasps, hand, seed=0), key=lambda trial: trial.score, reverse=True)

assert scene.plane is not None
up = scene.plane.normal
for trial in (*trials[:5], *trials[-3:]):
    approach = trial.grasp.scene_from_hand[:3, 2]
    slope = math.degrees(math.acos(min(1.0, float(-(approach @ up)))))
    width = 1e3 * trial.grasp.width
    told = f"score {trial.score:.2f}, {trial.reason:10} {slope:3.0f} deg from above, {width:.0f} mm apart"
    print(f"object {trial.grasp.object_index}: {told}")
