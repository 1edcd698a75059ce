"""One grasp from the settling of the objects to the last shake."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from jaxtyping import Float

from dig_framework.grasp import Grasp, ParallelJaw

SHAKES = 3
"""Periods of shaking along each axis."""
_INSIDE = 0.001
"""Depth of the hand in something at its start that counts as a collision [m]."""
_LOOK = 5
"""Steps between two looks at whether the object is still in its place."""


@dataclasses.dataclass(frozen=True)
class Motion:
    """What the hand does, with durations [s] and lengths [m]."""

    lift_height: float
    approach_force: float
    """Largest force on the hand on its way in [N]."""
    settle: float = 0.2
    approach: float = 0.5
    close: float = 0.6
    lift: float = 0.7
    hold: float = 0.2
    shake_size: float = 0.01
    shake_rate: float = 3.0


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the trial showed."""

    reason: str
    """'collision', 'missed', 'slipped', 'unstable' or 'held'."""
    slip: float = math.nan
    """How far the object moved in the hand from closing to the end [m]."""
    turn: float = math.nan
    """How far it turned in the hand [rad]."""
    lifted: float = 0.0
    """How far its centre of mass rose [m]."""
    endured: float = 0.0
    """Share of the motion after closing in which the object stayed in the hand."""


class Unstable(Exception):
    """The integration diverged."""


class Rehearsal:
    """A hand and a scene in MuJoCo, for one grasp."""

    def __init__(
        self,
        model: Any,
        grasp: Grasp,
        hand: ParallelJaw,
        motion: Motion,
        up: Float[np.ndarray, "3"],
        limits: tuple[float, float],
    ) -> None:
        import mujoco

        self._mujoco, self._model = mujoco, model
        self._data = mujoco.MjData(model)  # pyright: ignore[reportAttributeAccessIssue]
        self._grasp, self._hand, self._motion, self._up, self._limits = grasp, hand, motion, up, limits
        self._pose = grasp.scene_from_hand.detach().double().cpu().numpy()
        self._object = model.body(f"object {grasp.object_index}").id
        self._wrist = model.body("hand").id
        self._hand_geoms = [model.geom(name).id for name in ("palm", "left", "right")]
        self._fingers = [model.geom(name).id for name in ("left", "right")]
        self._place_hand()

    def run(self) -> Outcome:
        """Carry the grasp out and return what came of it."""
        try:
            return self._run()
        except Unstable:
            return Outcome("unstable")

    def _run(self) -> Outcome:
        motion, ahead = self._motion, self._pose[:3, 2]
        if self._starts_inside():
            return Outcome("collision")
        back = self._pose[:3, 3] - self._grasp.approach * ahead
        self._hold(motion.settle)
        start = self._height()
        for share in self._ramp(motion.approach):
            self._move(back + share * self._grasp.approach * ahead)
            if self._hand_force() > motion.approach_force:
                return Outcome("collision")
        self._close()
        if not all(self._touches(finger) for finger in self._fingers):
            return Outcome("missed")
        taken = self._object_in_hand()
        endured = self._endured(taken)
        slip, turn = _difference(taken, self._object_in_hand())
        held = endured == 1.0 and all(self._touches(finger) for finger in self._fingers)
        return Outcome("held" if held else "slipped", slip, turn, self._height() - start, endured)

    def _place_hand(self) -> None:
        data, turn = self._data, np.zeros(4)
        self._mujoco.mju_mat2Quat(turn, np.ascontiguousarray(self._pose[:3, :3]).ravel())
        start = self._pose[:3, 3] - self._grasp.approach * self._pose[:3, 2]
        joint = data.joint("hand")
        joint.qpos[:3], joint.qpos[3:] = start, turn
        data.mocap_pos[0], data.mocap_quat[0] = start, turn
        for side in ("left", "right"):
            data.joint(side).qpos[0] = data.actuator(side).ctrl[0] = self._grasp.width / 2
        self._mujoco.mj_forward(self._model, data)

    def _endured(self, taken: Float[np.ndarray, "4 4"]) -> float:
        """Lift, hold and shake, and return the share of that time until the object left its place in the hand."""
        top = self._pose[:3, 3] + self._motion.lift_height * self._up
        lift = [self._pose[:3, 3] + share * (top - self._pose[:3, 3]) for share in self._ramp(self._motion.lift)]
        path = [*lift, *[top] * self._steps(self._motion.hold), *self._shaking(top)]
        for number, position in enumerate(path):
            self._move(position)
            if number % _LOOK:
                continue
            slip, turn = _difference(taken, self._object_in_hand())
            if slip > self._limits[0] or turn > self._limits[1]:
                return number / len(path)
        return 1.0

    def _shaking(self, middle: Float[np.ndarray, "3"]) -> list[Float[np.ndarray, "3"]]:
        steps = self._steps(SHAKES / self._motion.shake_rate)
        wave = np.sin(2 * math.pi * SHAKES * np.arange(1, steps + 1) / steps) * self._motion.shake_size
        return [middle + offset * axis for axis in np.eye(3) for offset in wave]

    def _close(self) -> None:
        # The command runs past contact until the servo presses with its whole force.
        squeeze = -self._hand.opening / 2
        for share in self._ramp(self._motion.close):
            self._data.ctrl[:] = (1 - share) * self._grasp.width / 2 + share * squeeze
            self._step()

    def _move(self, position: Float[np.ndarray, "3"]) -> None:
        self._data.mocap_pos[0] = position
        self._step()

    def _hold(self, duration: float) -> None:
        for _ in range(self._steps(duration)):
            self._step()

    def _ramp(self, duration: float) -> Float[np.ndarray, "steps"]:
        """Return shares from 0 to 1 with zero speed at both ends."""
        steps = self._steps(duration)
        share = np.arange(1, steps + 1) / steps
        return share**2 * (3 - 2 * share)

    def _steps(self, duration: float) -> int:
        return max(1, round(duration / self._model.opt.timestep))

    def _step(self) -> None:
        self._mujoco.mj_step(self._model, self._data)
        if self._data.warning.number.any():
            raise Unstable

    def _height(self) -> float:
        return float(self._data.xpos[self._object] @ self._up)

    def _object_in_hand(self) -> Float[np.ndarray, "4 4"]:
        return np.linalg.inv(self._frame(self._wrist)) @ self._frame(self._object)

    def _frame(self, body: int) -> Float[np.ndarray, "4 4"]:
        frame = np.eye(4)
        frame[:3, :3], frame[:3, 3] = self._data.xmat[body].reshape(3, 3), self._data.xpos[body]
        return frame

    def _touches(self, geom: int) -> bool:
        pairs = self._data.contact.geom[: self._data.ncon]
        mine = pairs[(pairs == geom).any(1)]
        return bool((self._model.geom_bodyid[mine] == self._object).any())

    def _starts_inside(self) -> bool:
        """Whether the hand, where it begins, is inside something that contact forces would push out of its way."""
        contacts = self._data.contact
        mine = np.isin(contacts.geom[: self._data.ncon], self._hand_geoms).any(1)
        return bool((contacts.dist[: self._data.ncon][mine] < -_INSIDE).any())

    def _hand_force(self) -> float:
        """Return the sum of normal forces on the hand [N]."""
        count = self._data.ncon
        if not count:
            return 0.0
        addresses = self._data.contact.efc_address[:count]
        mine = np.isin(self._data.contact.geom[:count], self._hand_geoms).any(1) & (addresses >= 0)
        # With elliptic cones the first of a contact's rows is its normal force.
        return float(self._data.efc_force[addresses[mine]].sum())


def _difference(first: Float[np.ndarray, "4 4"], second: Float[np.ndarray, "4 4"]) -> tuple[float, float]:
    """Return the distance [m] and the angle [rad] between two poses."""
    cosine = (np.trace(first[:3, :3].T @ second[:3, :3]) - 1) / 2
    return float(np.linalg.norm(second[:3, 3] - first[:3, 3])), math.acos(min(1.0, max(-1.0, float(cosine))))
