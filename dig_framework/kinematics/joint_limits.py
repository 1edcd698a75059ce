"""What joints must keep to."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import ReachError

Limits = Mapping[str, tuple[float, float]]
"""Lowest and highest angle [rad] by joint, in the order of the joints."""


def check_limits(joints: Float[Tensor, "joints"], limits: Limits, margin: float, where: str) -> None:
    """Make sure that every angle [rad] keeps a margin [rad] from both its limits.

    Raises:
        ReachError: With the joint, its angle and its limit.
    """
    for (name, (low, high)), angle in zip(limits.items(), joints.tolist(), strict=True):
        if not low + margin <= angle <= high - margin:
            limit = low if angle < (low + high) / 2 else high
            raise ReachError(
                f"{where}: joint {name!r} would be at {angle:.3f} rad; its limit is {limit:.3f} rad, "
                f"with a margin of {margin:.3f} rad. Choose another grasp, or place the base elsewhere."
            )


def check_singularity(joints: Float[Tensor, "6"], margin: float, where: str) -> None:
    """Make sure that a UR arm's elbow is bent and its wrist is not aligned, by a margin [rad].

    Raises:
        ReachError: With the joint, its angle and the singularity.
    """
    for name, index in (("elbow", 2), ("wrist_2", 4)):
        angle = float(joints[index])
        distance = abs(math.remainder(angle, math.pi))
        if distance < margin:
            raise ReachError(
                f"{where}: joint {name!r} at {angle:.3f} rad is {distance:.3f} rad from a singularity; "
                f"the limit is {margin:.3f} rad. Choose another grasp, or place the base elsewhere."
            )


def nearest_turn(
    joints: Float[Tensor, "joints"], to: Float[Tensor, "joints"], limits: Limits, margin: float
) -> Float[Tensor, "joints"]:
    """Return the same directions by whole turns [rad], as near to others as the limits allow."""
    turned = []
    for angle, goal, (low, high) in zip(joints.tolist(), to.tolist(), limits.values(), strict=True):
        options = [angle + 2 * math.pi * turns for turns in (-2, -1, 0, 1, 2)]
        inside = [option for option in options if low + margin <= option <= high - margin]
        turned.append(min(inside or [angle], key=lambda option: abs(option - goal)))
    return torch.tensor(turned, dtype=joints.dtype)


def within(joints: Float[Tensor, "joints"], limits: Limits) -> bool:
    """Whether every angle [rad] is within its limits."""
    pairs = zip(joints.tolist(), limits.values(), strict=True)
    return all(low <= angle <= high for angle, (low, high) in pairs)
