"""MuJoCo as a simulator of dig_framework."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.errors import ComponentError
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces import Simulator
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.statics.assumptions import ASSUMED_DENSITY, ASSUMED_FRICTION, LIFT_HEIGHT
from dig_framework.statics.body import Body, bodies_of
from dig_framework.statics.gravity import STANDARD_GRAVITY, heights_of, up_of
from dig_framework.statics.refusal import flaws_of, refusal_of
from dig_mujoco.convex_parts import Parts, convex_parts
from dig_mujoco.model import scene_xml
from dig_mujoco.trial import Motion, Outcome, Rehearsal


class MujocoSimulator(Simulator):
    """Try grasps with a floating parallel jaw in MuJoCo: approach, close, lift, hold, shake."""

    stacking: ClassVar[bool] = True
    reasons: ClassVar[frozenset[str]] = Simulator.reasons | {"unstable", "not simulated"}

    density: float = Field(default=ASSUMED_DENSITY, gt=0, description="Of objects without a mass [kg/m^3]")
    friction: float = Field(default=ASSUMED_FRICTION, ge=0, description="Coulomb coefficient of objects without one")
    timestep: float = Field(default=0.002, gt=0, le=0.01, description="Of the integration [s]")
    parts: Parts = Field(default="hull", description="Convex pieces of objects: 'hull' for one, or 'coacd'")
    part_limit: int = Field(default=32, ge=1, description="Most pieces of a decomposition")
    concavity: float = Field(default=0.05, gt=0, le=1, description="How hollow a piece may be, as a share of its size")
    lift_height: float = Field(default=LIFT_HEIGHT, gt=0, description="How far the object is lifted [m]")
    approach_force: float = Field(default=5.0, gt=0, description="Largest force on the hand on its way in [N]")
    slip_limit: float = Field(default=0.03, gt=0, description="How far the object may move in the hand [m]")
    turn_limit: float = Field(default=0.35, gt=0, description="How far the object may turn in the hand [rad]")

    def settle(self, scene: Scene, duration: float, gravity: Float[Tensor, "3"] | None = None) -> Scene:
        """Return the scene after a simulation; flawed objects stay where they are."""
        mujoco = _mujoco()
        pull = -STANDARD_GRAVITY * up_of(scene) if gravity is None else gravity.detach().double().cpu().numpy()
        bodies = bodies_of(scene, self.density, self.friction)
        if not bodies:
            return scene
        model = self._compiled(scene, _raised(scene, bodies), pull, None)
        data = mujoco.MjData(model)
        # Velocities live half a step before positions (leapfrog), which makes a free fall exact at any step.
        data.qvel.reshape(-1, 6)[:, :3] = -0.5 * self.timestep * pull
        mujoco.mj_step(model, data, nstep=round(duration / self.timestep))
        # A step leaves the frames of bodies where they were before it.
        mujoco.mj_kinematics(model, data)
        return scene.replace(objects=tuple(_moved(item, bodies, data) for item in scene.objects))

    def attempt(self, scene: Scene, grasps: Sequence[Grasp], hand: ParallelJaw, seed: int) -> tuple[Trial, ...]:
        """Return one simulated trial a grasp; the seed changes nothing."""
        mujoco = _mujoco()
        flaws = flaws_of(scene)
        refused = [refusal_of(flaws, grasp, hand) for grasp in grasps]
        if all(refused):
            return tuple(_failed(grasp, reason or "") for grasp, reason in zip(grasps, refused, strict=True))
        bodies, up = _raised(scene, bodies_of(scene, self.density, self.friction)), up_of(scene)
        try:
            model = self._compiled(scene, bodies, -STANDARD_GRAVITY * up, hand)
        except (ValueError, mujoco.FatalError):
            return tuple(
                _failed(grasp, reason or "not simulated") for grasp, reason in zip(grasps, refused, strict=True)
            )
        pairs = zip(grasps, refused, strict=True)
        return tuple(_failed(grasp, no) if no else self._tried(model, grasp, hand, up) for grasp, no in pairs)

    def _tried(self, model: Any, grasp: Grasp, hand: ParallelJaw, up: Float[np.ndarray, "3"]) -> Trial:
        motion = Motion(lift_height=self.lift_height, approach_force=self.approach_force)
        outcome = Rehearsal(model, grasp, hand, motion, up, (self.slip_limit, self.turn_limit)).run()
        return Trial(grasp, outcome.reason == "held", self._score(outcome), outcome.reason, _measures(outcome))

    def _score(self, outcome: Outcome) -> float:
        """Return 1 for a grasp in which nothing moves, 0.5 at the limits, and below that the share of time held."""
        if outcome.reason != "held":
            return 0.4 * outcome.endured
        return 1 - 0.5 * min(1.0, max(outcome.slip / self.slip_limit, outcome.turn / self.turn_limit))

    def _compiled(
        self, scene: Scene, bodies: dict[int, Body], gravity: Float[np.ndarray, "3"], hand: ParallelJaw | None
    ) -> Any:
        parts = {index: self._pieces(body) for index, body in bodies.items()}
        xml = scene_xml(bodies, parts, scene.plane, gravity, self.timestep, hand)
        return _mujoco().MjModel.from_xml_string(xml)

    def _pieces(self, body: Body) -> list[Float[np.ndarray, "corners 3"]]:
        return convex_parts(body.vertices, body.faces, self.parts, self.part_limit, self.concavity)


def _mujoco() -> ModuleType:
    try:
        import mujoco
    except ImportError as error:
        raise ComponentError(
            f"simulator 'mujoco' needs MuJoCo, which does not import ({error}): pip install mujoco."
        ) from error
    return mujoco


def _failed(grasp: Grasp, reason: str) -> Trial:
    return Trial(grasp, False, 0.0, reason)


def _measures(outcome: Outcome) -> dict[str, float]:
    found = {"slip_m": outcome.slip, "turn_rad": outcome.turn, "lifted_m": outcome.lifted, "endured": outcome.endured}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _raised(scene: Scene, bodies: dict[int, Body]) -> dict[int, Body]:
    """Return bodies moved up until none reaches into the table."""
    raised = {}
    for index, body in bodies.items():
        shift = -min(0.0, float(heights_of(scene, body.vertices).min())) * up_of(scene)
        raised[index] = dataclasses.replace(body, vertices=body.vertices + shift, center=body.center + shift)
    return raised


def _moved(item: SceneObject, bodies: dict[int, Body], data: Any) -> SceneObject:
    """Return an object where its joint, which started without a turn, has carried its centre of mass."""
    if item.index not in bodies:
        return item
    frame = data.body(f"object {item.index}")
    motion = np.eye(4)
    motion[:3, :3] = frame.xmat.reshape(3, 3)
    start = item.pose.matrix().detach().double().cpu().numpy()
    motion[:3, 3] = frame.xpos - motion[:3, :3] @ bodies[item.index].center
    pose = Pose.from_matrix(torch.from_numpy(motion @ start)).to(dtype=item.pose.translation.dtype)
    return item.replace(pose=pose)
