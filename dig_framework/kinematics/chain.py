"""Serial chains of revolute joints after Denavit and Hartenberg."""

from __future__ import annotations

import dataclasses
import math

import torch
from jaxtyping import Float
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Chain:
    """A chain of links T_i = Rot_z(q_i) Trans_z(d_i) Trans_x(a_i) Rot_x(alpha_i), from the base to the flange."""

    names: tuple[str, ...]
    """Of the joints."""
    a: tuple[float, ...]
    """Lengths of the links [m]."""
    d: tuple[float, ...]
    """Offsets along the joints [m]."""
    alpha: tuple[float, ...]
    """Twists of the links [rad]."""

    def frames(self, joints: Float[Tensor, "*batch joints"]) -> Float[Tensor, "*batch frames 4 4"]:
        """Return base_from_link for the base and every link, the flange last; differentiable in the angles [rad]."""
        frame = torch.eye(4, dtype=joints.dtype, device=joints.device).expand(*joints.shape[:-1], 4, 4)
        frames = [frame]
        for angle, a, d, alpha in zip(joints.unbind(-1), self.a, self.d, self.alpha, strict=True):
            frame = frame @ link_transform(angle, a, d, alpha)
            frames.append(frame)
        return torch.stack(frames, -3)

    def jacobian(self, joints: Float[Tensor, "joints"], point: Float[Tensor, "3"]) -> Float[Tensor, "6 joints"]:
        """Return velocity [m/rad] and angular velocity [rad/rad] of a point of the flange for each joint's speed.

        Args:
            joints: Angles [rad].
            point: In the base's frame [m].
        """
        frames = self.frames(joints)[:-1]
        axes, origins = frames[:, :3, 2], frames[:, :3, 3]
        return torch.cat([torch.linalg.cross(axes, point - origins), axes], 1).mT


def link_transform(angle: Float[Tensor, "*batch"], a: float, d: float, alpha: float) -> Float[Tensor, "*batch 4 4"]:
    """Return Rot_z(angle) Trans_z(d) Trans_x(a) Rot_x(alpha); lengths in metres, angles in radians."""
    c, s = torch.cos(angle), torch.sin(angle)
    ca, sa = math.cos(alpha), math.sin(alpha)
    zero, one = torch.zeros_like(c), torch.ones_like(c)
    rows = [c, -s * ca, s * sa, a * c, s, c * ca, -c * sa, a * s, zero, sa * one, ca * one, d * one]
    return torch.stack([*rows, zero, zero, zero, one], -1).unflatten(-1, (4, 4))
