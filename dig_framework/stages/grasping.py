"""What the grasp stage finds out."""

from __future__ import annotations

import dataclasses

from dig_framework.grasp import Trial
from dig_framework.scene import Failure
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Grasping(TensorRecord):
    """All grasps that were tried, and the objects that cannot be grasped."""

    trials: tuple[Trial, ...] = ()
    """Best first: successes before failures, then by score."""
    failures: tuple[Failure, ...] = ()
    """Objects without any successful trial, with the reason."""
