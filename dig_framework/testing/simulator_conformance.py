"""What must hold for every simulator."""

from __future__ import annotations

import math
import os
import threading
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces.simulator import Simulator
from dig_framework.scene import Scene, SceneObject
from dig_framework.statics.gravity import STANDARD_GRAVITY
from dig_framework.testing.conformance import Conformance, not_claimed
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import scene_from_table, table_object, table_scene, top_grasp, translation

_BLOCK = (0.06, 0.08, 0.04)
"""Sides of the block that is dropped, pushed and grasped [m]; low enough to slide before it tips."""


class SimulatorConformance(Conformance):
    """Physics with a known answer, and what happens to a centred and a misplaced grasp."""

    component: ClassVar[Simulator]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_falls_freely(self) -> None:
        """Fall by g t^2 / 2 within 2 % and without turning, until the table is reached."""
        start = table_scene(_block(height=0.5))
        for duration in (0.1, 0.2):
            drop = _displacement(start, self.component.settle(start, duration))
            expected = torch.tensor([0.0, 0.0, -0.5 * STANDARD_GRAVITY * duration**2], dtype=torch.float64)
            error = float((drop - expected).norm())
            bound = 0.02 * float(expected.norm()) + 5e-4
            assert error < bound, f"after {duration} s the block is {error:.4f} m off free fall; allowed {bound:.4f} m"

    def test_comes_to_rest_on_table(self) -> None:
        """A dropped block lies on the table after a second: lowest point within 1 mm of it."""
        start = table_scene(_block(height=0.05))
        after = self.component.settle(start, 1.0)
        height = _lowest(after)
        assert abs(height) < 1e-3, f"the lowest point of the block is {height:.4f} m above the table, not 0"

    def test_rests(self) -> None:
        """A block that stands on the table stays there: less than 1 mm in a second."""
        start = table_scene(_block())
        moved = _farthest(start, self.component.settle(start, 1.0))
        assert moved < 1e-3, f"a block at rest moved by {moved:.4f} m; allowed 0.001 m"

    def test_sticks_below_friction_angle(self) -> None:
        """On a slope with tan(theta) = 0.85 mu a block stays: less than 2 mm in half a second."""
        start = table_scene(_block(friction=0.5))
        moved = _farthest(start, self.component.settle(start, 0.5, _tilted_gravity(math.atan(0.85 * 0.5))))
        assert moved < 2e-3, f"a block slid {moved:.4f} m on a slope below its friction angle; allowed 0.002 m"

    def test_slides_above_friction_angle(self) -> None:
        """On a slope with tan(theta) = 1.5 mu a block slides by g (sin theta - mu cos theta) t^2 / 2 within 10 %."""
        start, theta, duration = table_scene(_block(friction=0.5)), math.atan(1.5 * 0.5), 0.4
        slid = _displacement(start, self.component.settle(start, duration, _tilted_gravity(theta)))
        expected = 0.5 * STANDARD_GRAVITY * (math.sin(theta) - 0.5 * math.cos(theta)) * duration**2
        error = float((slid - torch.tensor([expected, 0.0, 0.0], dtype=torch.float64)).norm())
        bound = 0.1 * expected
        assert error < bound, f"the slide of {expected:.3f} m is {error:.4f} m off; allowed {bound:.4f} m"

    def test_stacks(self) -> None:
        """Where stacking is claimed, a block on a block stays: less than 2 mm in half a second."""
        if not self.component.stacking:
            raise not_claimed("stacking")
        start = table_scene(_block(), _block(height=_BLOCK[2], index=4))
        moved = _farthest(start, self.component.settle(start, 0.5))
        assert moved < 2e-3, f"a stack of two blocks moved by {moved:.4f} m; allowed 0.002 m"

    def test_settling_leaves_input_alone(self) -> None:
        """Settling returns a new scene: same objects in the same order, input untouched."""
        start = table_scene(_block(height=0.3), _block(x=0.2, index=4))
        before = {name: value.clone() for name, value in start.tensors().items()}
        after = self.component.settle(start, 0.1)
        assert [item.index for item in after.objects] == [3, 4], "objects were lost or reordered"
        changed = [name for name, value in start.tensors().items() if not torch.equal(value, before[name])]
        assert not changed, f"settling changed its input: {changed}"

    def test_lifts_box_by_centred_grasp(self) -> None:
        """A centred grasp from above holds a box."""
        trial = self._trials(_centred())[0]
        assert trial.success, f"a centred grasp of a block fails: {trial.reason}, {trial.measures}"
        assert trial.reason == "held", f"a success has the reason {trial.reason!r}, not 'held'"

    def test_misses_beside_box(self) -> None:
        """A grasp 20 cm beside the box does not hold it."""
        trial = self._trials(top_grasp(3, 0.2, 0.0, 0.02, 0.08))[0]
        assert not trial.success, "a grasp 20 cm beside the block is said to hold it"
        assert trial.reason != "held", "a failure has the reason 'held'"

    def test_fails_into_table(self) -> None:
        """A grasp whose fingers would be inside the table fails."""
        trial = self._trials(top_grasp(3, 0.0, 0.0, -0.03, 0.08))[0]
        assert not trial.success, "a grasp with the fingertips 4 cm inside the table is said to hold"

    def test_fails_into_neighbour(self) -> None:
        """A grasp of which one finger would be inside another object fails."""
        tall = table_object(4, box_mesh(0.04, 0.08, 0.2, dtype=torch.float64), translation(0.058, 0.0, 0.1), 0.5, 0.5)
        trials = self.component.attempt(table_scene(_block(), tall), [_centred()], ParallelJaw(), 0)
        assert not trials[0].success, "a grasp with a finger inside the block's neighbour is said to hold"

    def test_fails_with_pads_inside(self) -> None:
        """A grasp whose pads start inside the block, or further apart than the hand opens, fails."""
        for width in (0.5 * _BLOCK[0], _BLOCK[0] - 0.008, 2 * ParallelJaw().opening):
            trial = self._trials(_centred().replace(width=width))[0]
            assert not trial.success, f"pads that start {width:.3f} m apart are said to hold a block of {_BLOCK[0]} m"

    def test_slips_without_friction(self) -> None:
        """A block with almost no friction is not held."""
        scene = table_scene(_block(friction=0.01))
        trial = self.component.attempt(scene, [_centred()], ParallelJaw(), 0)[0]
        assert not trial.success, "a block with a friction coefficient of 0.01 is said to be held"

    def test_cannot_hold_heavy_block(self) -> None:
        """A block of twenty times what friction can bear is not held."""
        hand = ParallelJaw()
        mass = 20 * 2 * 0.5 * hand.force / STANDARD_GRAVITY
        trial = self.component.attempt(table_scene(_block(mass=mass)), [_centred()], hand, 0)[0]
        assert not trial.success, f"a block of {mass:.0f} kg is said to be held by pads of {hand.force} N"

    def test_keeps_order(self) -> None:
        """One trial a grasp, in the order of the grasps, each on a fresh copy of the scene."""
        grasps = [_centred(), top_grasp(3, 0.2, 0.0, 0.02, 0.08), _centred(), top_grasp(99, 0.0, 0.0, 0.02, 0.08)]
        trials = self._trials(*grasps)
        assert len(trials) == len(grasps), f"{len(trials)} trials for {len(grasps)} grasps"
        assert all(trial.grasp is grasp for trial, grasp in zip(trials, grasps, strict=True)), "trials are out of order"
        outcome = [trial.success for trial in trials]
        assert outcome == [True, False, True, False], f"success is {outcome}, not [True, False, True, False]"

    def test_tries_nothing(self) -> None:
        """No grasps give no trials."""
        trials = self._trials()
        assert trials == (), f"{len(trials)} trials without any grasp"

    def test_scores_are_probabilities(self) -> None:
        """Scores are in [0, 1], successes score higher than misses, measures are finite, reasons are declared."""
        trials = self._trials(_centred(), top_grasp(3, 0.2, 0.0, 0.02, 0.08))
        for trial in trials:
            assert 0 <= trial.score <= 1, f"the score is {trial.score}, not in [0, 1]"
            wrong = {name: value for name, value in trial.measures.items() if not math.isfinite(value)}
            assert not wrong, f"measures are not finite: {wrong}"
            assert trial.reason in self.component.reasons, f"reason {trial.reason!r} is not in `reasons`"
        assert trials[0].score > trials[1].score, f"a held block scores {trials[0].score}, a miss {trials[1].score}"

    def test_fails_what_cannot_be_simulated(self) -> None:
        """An unknown object, a broken mesh, a mass that is no number, or a pose that is none: failed trials."""
        nan = _centred().scene_from_hand * math.nan
        broken = _block().replace(mesh=_block().mesh.replace(faces=torch.zeros(0, 3, dtype=torch.int64)))
        cases = {
            "an unknown object": (table_scene(_block()), top_grasp(99, 0.0, 0.0, 0.02, 0.08)),
            "a pose of NaN": (table_scene(_block()), _centred().replace(scene_from_hand=nan)),
            "a mesh without faces": (table_scene(broken), _centred()),
            "a mass of NaN": (table_scene(_block(mass=math.nan)), _centred()),
        }
        for what, (scene, grasp) in cases.items():
            trials = self.component.attempt(scene, [grasp], ParallelJaw(), 0)
            assert len(trials) == 1, f"{what} gives {len(trials)} trials, not 1"
            assert not trials[0].success, f"{what} is said to be held"
            assert trials[0].reason in self.component.reasons, f"reason {trials[0].reason!r} is not in `reasons`"

    def test_tries_next_to_broken_object(self) -> None:
        """A broken object does not keep the others from being grasped."""
        broken = _block(x=0.3, index=4, mass=math.nan)
        trial = self.component.attempt(table_scene(_block(), broken), [_centred()], ParallelJaw(), 0)[0]
        assert trial.success, f"a block next to a broken object is not held: {trial.reason}"

    def test_is_deterministic(self) -> None:
        """Where it is claimed, the same call gives the same result to the last bit."""
        if not self.component.deterministic:
            raise not_claimed("deterministic")
        first, second = self._trials(_centred())[0], self._trials(_centred())[0]
        assert (first.score, first.measures) == (second.score, second.measures), "two equal attempts differ"
        start = table_scene(_block(height=0.1))
        once, twice = self.component.settle(start, 0.3), self.component.settle(start, 0.3)
        differing = [name for name, value in once.tensors().items() if not torch.equal(value, twice.tensors()[name])]
        assert not differing, f"two equal calls of settle differ in {differing}"

    def test_leaves_nothing_running(self) -> None:
        """No thread, child process or open file outlives a call."""
        self._trials(_centred())
        before = _left_running()
        self._trials(_centred())
        self.component.settle(table_scene(_block()), 0.05)
        after = _left_running()
        assert after == before, f"threads, child processes and open files went from {before} to {after}"

    def _trials(self, *grasps: Grasp) -> tuple[Trial, ...]:
        return self.component.attempt(table_scene(_block()), grasps, ParallelJaw(), 0)


def _block(
    height: float = 0.0, x: float = 0.0, index: int = 3, mass: float | None = 0.1, friction: float | None = 0.5
) -> SceneObject:
    """Return a block whose underside is at a height above the table [m]."""
    place = translation(x, 0.0, height + _BLOCK[2] / 2)
    return table_object(index, box_mesh(*_BLOCK, dtype=torch.float64), place, mass, friction)


def _centred() -> Grasp:
    return top_grasp(3, 0.0, 0.0, 0.02, 0.08)


def _tilted_gravity(theta: float) -> Tensor:
    """Return gravity [m/s^2] as if the table were a slope of theta [rad] that goes down along its x axis."""
    local = torch.tensor([math.sin(theta), 0.0, -math.cos(theta)], dtype=torch.float64) * STANDARD_GRAVITY
    return scene_from_table()[:3, :3] @ local


def _displacement(before: Scene, after: Scene) -> Tensor:
    """Return how far the first object's middle moved, in the table's frame [m]."""
    moved = after.objects[0].posed().vertices - before.objects[0].posed().vertices
    return moved.mean(0).double() @ scene_from_table()[:3, :3]


def _farthest(before: Scene, after: Scene) -> float:
    """Return the longest way of any vertex [m]."""
    pairs = zip(before.objects, after.objects, strict=True)
    return max(float((b.posed().vertices - a.posed().vertices).norm(dim=1).max()) for a, b in pairs)


def _lowest(scene: Scene) -> float:
    assert scene.plane is not None
    return float(scene.plane.height(scene.objects[0].posed().vertices).min())


def _left_running() -> tuple[int, int, int]:
    """Return the number of threads of this process, of its children, and of its open files, where the system tells."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        return threading.active_count(), 0, 0
    children = sum(len(path.read_text().split()) for path in tasks.glob("*/children"))
    return threading.active_count(), children, len(os.listdir("/proc/self/fd"))
