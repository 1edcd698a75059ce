"""What the execute stage did."""

from __future__ import annotations

import dataclasses

from dig_framework.grasp import Trial
from dig_framework.interfaces import Plan
from dig_framework.tensor_record import TensorRecord


@dataclasses.dataclass(frozen=True, eq=False)
class Execution(TensorRecord):
    """The motion that was planned and what came of it."""

    plan: Plan | None
    """The motion, or None if no grasp could be planned."""
    trial: Trial | None
    """What the robot found out, or None if nothing was carried out."""
    reason: str
    """One sentence: which grasp was carried out, or why none was."""
