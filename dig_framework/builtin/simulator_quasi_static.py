"""An analytic simulator: no time steps, no contact solver."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces.simulator import Simulator
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.statics.assumptions import ASSUMED_DENSITY, ASSUMED_FRICTION
from dig_framework.statics.body import Body, bodies_of
from dig_framework.statics.gravity import STANDARD_GRAVITY, heights_of, up_of
from dig_framework.statics.hand_collision import hand_clearance, to_hand_frame, touched_box
from dig_framework.statics.pad_contact import PadContact, close_pads
from dig_framework.statics.refusal import flaws_of, refusal_of
from dig_framework.statics.rest import toppled
from dig_framework.statics.slide import fall_time, slide_offset
from dig_framework.statics.wrench import EDGES, closure_margin, contact_wrenches, load_factor


class QuasiStatic(Simulator):
    """Score grasps by contact geometry, friction cones and wrenches, and settle objects by closed formulas.

    A grasp holds if the straight approach is free, both pads meet the object, the contacts close it by force (Ferrari
    and Canny, ICRA 1992) and their friction bears the weight `required_load` times. Objects settle one by one: they
    fall, slide with Coulomb friction, and topple onto the next stable face in no time; they do not touch each other.
    """

    density: float = Field(default=ASSUMED_DENSITY, gt=0, description="Of objects without a mass [kg/m^3]")
    friction: float = Field(default=ASSUMED_FRICTION, ge=0, description="Coulomb coefficient of objects without one")
    compliance: float = Field(default=0.001, gt=0, description="How far the pads give way [m]")
    required_load: float = Field(default=1.5, gt=0, description="Weights that the grasp must bear without slipping")
    table_margin: float = Field(default=0.001, description="Least height of the hand above the plane [m]")

    def settle(self, scene: Scene, duration: float, gravity: Float[Tensor, "3"] | None = None) -> Scene:
        """Return the scene after free fall, sliding and toppling; flawed objects stay where they are."""
        pull = -STANDARD_GRAVITY * up_of(scene) if gravity is None else gravity.detach().double().cpu().numpy()
        bodies = bodies_of(scene, self.density, self.friction)
        return scene.replace(objects=tuple(_settled(scene, item, bodies, duration, pull) for item in scene.objects))

    def attempt(self, scene: Scene, grasps: Sequence[Grasp], hand: ParallelJaw, seed: int) -> tuple[Trial, ...]:
        """Return one analytic trial a grasp; the seed changes nothing."""
        bodies, flaws = bodies_of(scene, self.density, self.friction), flaws_of(scene)
        refused = [refusal_of(flaws, grasp, hand) for grasp in grasps]
        return tuple(
            self._tried(scene, bodies, grasp, hand) if reason is None else Trial(grasp, False, 0.0, reason)
            for grasp, reason in zip(grasps, refused, strict=True)
        )

    def _tried(self, scene: Scene, bodies: dict[int, Body], grasp: Grasp, hand: ParallelJaw) -> Trial:
        pose, target = grasp.scene_from_hand.detach().double().cpu().numpy(), bodies[grasp.object_index]
        clearance = hand_clearance(scene, pose, hand.boxes(grasp.width, grasp.approach))
        measures = {"clearance_m": clearance} if math.isfinite(clearance) else {}
        swept = hand.boxes(grasp.width, grasp.approach)
        if clearance < self.table_margin or any(touched_box(body, pose, swept) for body in bodies.values()):
            wide = clearance >= self.table_margin and _is_too_wide(target, pose, hand)
            return Trial(grasp, False, 0.0, "too wide" if wide else "collision", measures)
        contact = close_pads(target, pose, hand, grasp.width, self.compliance)
        if contact is None:
            return Trial(grasp, False, 0.0, "missed", measures)
        return self._judged(scene, target, grasp, hand, contact, measures)

    def _judged(
        self,
        scene: Scene,
        target: Body,
        grasp: Grasp,
        hand: ParallelJaw,
        contact: tuple[PadContact, PadContact],
        measures: dict[str, float],
    ) -> Trial:
        pose = grasp.scene_from_hand.detach().double().cpu().numpy()
        center = to_hand_frame(target.center, pose)
        left, right = (contact_wrenches(p.points, p.normals, target.friction, center).reshape(-1, 6) for p in contact)
        weight = target.mass * STANDARD_GRAVITY * (-up_of(scene) @ pose[:3, :3])
        load = load_factor(left, right, np.concatenate([weight, np.zeros(3)]), hand.force)
        measures = {**measures, **_contact_measures(contact), "load_factor": load}
        if load < self.required_load:
            return Trial(grasp, False, 0.4 * load / self.required_load, "slipped", measures)
        # The hull in six dimensions costs much; the first three points of a pad are those that lie farthest apart.
        few = np.concatenate([left[: 3 * EDGES], right[: 3 * EDGES]])
        measures["epsilon"] = closure_margin(few, target.radius())
        if measures["epsilon"] < 1e-4:
            return Trial(grasp, False, 0.4, "slipped", measures)
        return Trial(grasp, True, self._score(measures, target.friction, grasp.width), "held", measures)

    def _score(self, measures: dict[str, float], friction: float, width: float) -> float:
        """Return 0.5 for a grasp that just holds, up to 1 for one with a margin in every respect."""
        aligned = 1 - min(1.0, measures["misalignment_rad"] / max(math.atan(friction), 1e-6))
        loaded = 1 - self.required_load / max(measures["load_factor"], self.required_load)
        closed = min(1.0, measures["epsilon"] / 0.1)
        centred = 1 - min(1.0, 2 * measures["offset_m"] / width)
        return 0.5 + 0.5 * (aligned + loaded + closed + centred) / 4


def _is_too_wide(target: Body, pose: Float[np.ndarray, "4 4"], hand: ParallelJaw) -> bool:
    """Whether even the open hand would meet the object with its fingers where the pads should close."""
    return touched_box(target, pose, hand.boxes(hand.opening)[:2]) is not None


def _contact_measures(contact: tuple[PadContact, PadContact]) -> dict[str, float]:
    left, right = contact
    return {
        "contacts": float(len(left.points) + len(right.points)),
        "misalignment_rad": max(left.misalignment, right.misalignment),
        "thickness_m": right.position - left.position,
        "offset_m": abs(left.position + right.position) / 2,
    }


def _settled(
    scene: Scene, item: SceneObject, bodies: dict[int, Body], duration: float, gravity: Float[np.ndarray, "3"]
) -> SceneObject:
    if item.index not in bodies:
        return item
    motion = _motion(scene, bodies[item.index], duration, gravity)
    moved = motion @ item.pose.matrix().detach().double().cpu().numpy()
    pose = Pose.from_matrix(torch.from_numpy(moved)).to(dtype=item.pose.translation.dtype)
    return item.replace(pose=pose)


def _motion(scene: Scene, body: Body, duration: float, gravity: Float[np.ndarray, "3"]) -> Float[np.ndarray, "4 4"]:
    """Return the rigid motion of a body that starts at rest."""
    motion, normal = np.eye(4), up_of(scene)
    height = float(heights_of(scene, body.vertices).min())
    airborne = min(duration, fall_time(height, -float(gravity @ normal)) if math.isfinite(height) else math.inf)
    motion[:3, 3] = 0.5 * gravity * airborne**2 + max(0.0, -height) * normal
    if airborne >= duration:
        return motion
    landed = body.vertices + motion[:3, 3]
    turn = toppled(_hull(landed), body.center + motion[:3, 3], normal, gravity)
    velocity = airborne * (gravity - (gravity @ normal) * normal)
    slide = np.eye(4)
    slide[:3, 3] = slide_offset(velocity, gravity, normal, body.friction, duration - airborne)
    return slide @ turn @ motion


def _hull(points: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "corners 3"]:
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]
