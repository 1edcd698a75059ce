"""Rigid poses as a translation and a rotation vector."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.tensor_record import TensorRecord

_SMALL_SQUARE = 1e-2
"""Squared angle [rad^2] below which the power series are exact to float64."""


def rotation_from_vector(vector: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Return rotation matrices for rotation vectors [rad], differentiable everywhere, zero included.

    Rodrigues' formula, R = I + sin(t)/t K + (1 - cos(t))/t^2 K^2 with the length t and the cross-product matrix K of
    the vector, with the power series of both factors where t is small.
    """
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    square = vector.square().sum(-1)[..., None, None]
    is_small = square < _SMALL_SQUARE
    angle = torch.where(is_small, torch.ones_like(square), square).sqrt()
    first = torch.where(is_small, _series(square, (1, 6, 120, 5040, 362880)), angle.sin() / angle)
    half = (angle / 2).sin() / angle
    second = torch.where(is_small, _series(square, (2, 24, 720, 40320, 3628800)), 2 * half.square())
    return torch.eye(3, dtype=vector.dtype, device=vector.device) + first * skew + second * (skew @ skew)


def _series(square: Tensor, divisors: tuple[int, ...]) -> Tensor:
    """Return the alternating power series in a squared angle with the given divisors."""
    total = torch.zeros_like(square)
    for power in reversed(range(len(divisors))):
        total = (-1) ** power / divisors[power] + square * total
    return total


def vector_from_rotation(rotation: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3"]:
    """Return the rotation vector [rad] of length at most pi of each rotation matrix. Not differentiable."""
    import numpy as np
    from scipy.spatial.transform import Rotation

    flat = rotation.detach().reshape(-1, 3, 3).cpu().double().numpy()
    vectors = Rotation.from_matrix(np.asarray(flat)).as_rotvec()
    return torch.as_tensor(vectors).to(rotation).reshape(*rotation.shape[:-2], 3)


@dataclasses.dataclass(frozen=True, eq=False)
class Pose(TensorRecord):
    """The pose of an object's frame in the scene's frame: x_scene = R(rotation) x_object + translation."""

    translation: Float[Tensor, "3"]
    """Origin of the object's frame in the scene's frame [m]."""
    rotation: Float[Tensor, "3"]
    """Rotation vector (axis times angle) [rad]."""

    @classmethod
    def identity(cls, dtype: torch.dtype = torch.float32) -> Pose:
        """Return the pose that changes nothing."""
        return cls(torch.zeros(3, dtype=dtype), torch.zeros(3, dtype=dtype))

    @classmethod
    def from_matrix(cls, scene_from_object: Float[Tensor, "4 4"]) -> Pose:
        """Return the pose of a rigid 4 x 4 transform. Not differentiable in the rotation."""
        return cls(scene_from_object[:3, 3].clone(), vector_from_rotation(scene_from_object[:3, :3]))

    def matrix(self) -> Float[Tensor, "4 4"]:
        """Return scene_from_object as a 4 x 4 matrix, differentiable in both fields."""
        top = torch.cat([rotation_from_vector(self.rotation), self.translation[:, None]], 1)
        return torch.cat([top, top.new_tensor([[0.0, 0.0, 0.0, 1.0]])], 0)

    def transform(self, points: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
        """Take points from the object's frame to the scene's frame [m]."""
        return points @ rotation_from_vector(self.rotation).mT + self.translation
