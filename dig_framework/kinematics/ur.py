"""The six-joint arms of Universal Robots, solved in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.kinematics.chain import Chain, link_transform

ArmName = Literal["ur5", "ur5e"]

_NAMES = ("shoulder_pan", "shoulder_lift", "elbow", "wrist_1", "wrist_2", "wrist_3")
_TWISTS = (math.pi / 2, 0.0, 0.0, math.pi / 2, -math.pi / 2, 0.0)
_ROUNDING = 1e-9
"""How far beyond a stretched arm a pose may be by rounding [m]."""

UR_ARMS: dict[str, Chain] = {
    "ur5": Chain(
        _NAMES, (0.0, -0.425, -0.39225, 0.0, 0.0, 0.0), (0.089159, 0.0, 0.0, 0.10915, 0.09465, 0.0823), _TWISTS
    ),
    "ur5e": Chain(_NAMES, (0.0, -0.425, -0.3922, 0.0, 0.0, 0.0), (0.1625, 0.0, 0.0, 0.1333, 0.0997, 0.0996), _TWISTS),
}
"""Nominal parameters as published by Universal Robots, in the frame that its controller calls base."""

UR_LIMITS: dict[str, tuple[float, float]] = {name: (-2 * math.pi, 2 * math.pi) for name in _NAMES} | {
    "elbow": (-math.pi, math.pi)
}
"""Angles by joint [rad]: one turn both ways, and half a turn for the elbow, which meets itself beyond."""


def ur_reach(arm: Chain) -> float:
    """Return a distance from the shoulder to the flange that cannot be exceeded [m]."""
    # Stretched in the plane of the upper arm, and at the same time as far beside it as the wrist goes.
    return math.hypot(abs(arm.a[1]) + abs(arm.a[2]) + math.hypot(arm.d[4], arm.d[5]), arm.d[3] + arm.d[5])


def ur_inverse(arm: Chain, base_from_flange: Float[Tensor, "4 4"]) -> Float[Tensor, "solutions 6"]:
    """Return all joint angles in (-pi, pi] that reach a pose of the flange, at most eight, in float64.

    In this order of signs: shoulder left or right, wrist up or down, elbow up or down. At a singularity, where a joint
    could have any angle, one of them is returned.

    Args:
        arm: One of `UR_ARMS`, or the same with a calibrated robot's lengths.
        base_from_flange: Rigid pose [m]; rounded ones are put right.

    Raises:
        InputError: If the pose is not rigid.
    """
    pose = _rigid(base_from_flange)
    found = [
        torch.tensor([pan, lift, elbow, wrist_1, wrist_2, wrist_3], dtype=torch.float64)
        for pan in _pans(arm, pose)
        for wrist_2, wrist_3 in _wrists(pose, pan)
        for lift, elbow, wrist_1 in _arms(arm, pose, pan, wrist_2, wrist_3)
    ]
    solutions = wrapped(torch.stack(found)) if found else torch.zeros(0, 6, dtype=torch.float64)
    return _distinct(solutions)


def wrapped(angles: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Return the same directions as angles in (-pi, pi] [rad]."""
    return math.pi - torch.remainder(math.pi - angles, 2 * math.pi)


def _rigid(pose: Float[Tensor, "4 4"]) -> Float[Tensor, "4 4"]:
    """Return the nearest rigid transform, in float64."""
    pose = pose.detach().double().cpu().clone()
    if not bool(torch.isfinite(pose).all()):
        raise InputError("The pose to reach is not finite.")
    left, stretch, right = torch.linalg.svd(pose[:3, :3])
    if float((stretch - 1).abs().max()) > 1e-3 or float(torch.linalg.det(left @ right)) < 0:
        raise InputError(f"The pose to reach is not rigid: its axes are stretched by {stretch.tolist()}.")
    pose[:3, :3] = left @ right
    return pose


def _pans(arm: Chain, pose: Float[Tensor, "4 4"]) -> Iterator[float]:
    """Yield the angles of the first joint for which the wrist is d4 beside the plane of the upper arm."""
    wrist = pose[:3, 3] - arm.d[5] * pose[:3, 2]
    x, y = float(wrist[0]), float(wrist[1])
    ahead2 = x * x + y * y - arm.d[3] ** 2
    if ahead2 < -_ROUNDING * arm.d[3]:
        return
    for sign in (1.0, -1.0):
        yield math.atan2(y, x) + math.atan2(arm.d[3], sign * math.sqrt(max(ahead2, 0.0)))


def _wrists(pose: Float[Tensor, "4 4"], pan: float) -> Iterator[tuple[float, float]]:
    """Yield the angles of the last two joints.

    The axis of the second joint, seen from the flange, is (s5 c6, -s5 s6, c5); taking both angles from it by atan2
    keeps all digits near the singularity s5 = 0.
    """
    axis = torch.tensor([math.sin(pan), -math.cos(pan), 0.0], dtype=torch.float64) @ pose[:3, :3]
    x, y, z = axis.tolist()
    for sign in (1.0, -1.0):
        yield math.atan2(sign * math.hypot(x, y), z), math.atan2(-sign * y, sign * x)


def _arms(
    arm: Chain, pose: Float[Tensor, "4 4"], pan: float, wrist_2: float, wrist_3: float
) -> Iterator[tuple[float, float, float]]:
    """Yield the angles of the three parallel joints: a planar arm of two links and a turn."""
    first = _link(arm, 0, pan)
    last = _link(arm, 4, wrist_2) @ _link(arm, 5, wrist_3)
    rest = torch.linalg.inv(first) @ pose @ torch.linalg.inv(last)
    x, y = float(rest[0, 3]), float(rest[1, 3])
    turn = math.atan2(float(rest[1, 0]), float(rest[0, 0]))
    upper, fore = arm.a[1], arm.a[2]
    cosine = (x * x + y * y - upper**2 - fore**2) / (2 * upper * fore)
    if abs(cosine) > 1 + _ROUNDING:
        return
    cosine = min(1.0, max(-1.0, cosine))
    for sign in (1.0, -1.0):
        elbow = sign * math.atan2(math.sqrt(1 - cosine**2), cosine)
        lift = math.atan2(y, x) - math.atan2(fore * math.sin(elbow), upper + fore * math.cos(elbow))
        yield lift, elbow, turn - lift - elbow


def _link(arm: Chain, joint: int, angle: float) -> Float[Tensor, "4 4"]:
    tensor = torch.tensor(angle, dtype=torch.float64)
    return link_transform(tensor, arm.a[joint], arm.d[joint], arm.alpha[joint])


def _distinct(solutions: Float[Tensor, "solutions 6"]) -> Float[Tensor, "distinct 6"]:
    """Return the solutions without repetitions, as at singularities, where two branches meet."""
    kept: list[Tensor] = []
    for solution in solutions:
        if all(float(wrapped(solution - other).abs().max()) > 1e-9 for other in kept):
            kept.append(solution)
    return torch.stack(kept) if kept else solutions
