"""Which grasps are worth trying."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.component import Component
from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.scene import Scene


class Policy(Component):
    """Proposes grasp candidates on a reconstructed scene."""

    slot: ClassVar[str] = "policy"

    @abstractmethod
    def propose(self, scene: Scene, hand: ParallelJaw, seed: int) -> tuple[Grasp, ...]:
        """Return candidates for every object, most promising first within an object; may be empty.

        Args:
            scene: What to grasp.
            hand: The gripper.
            seed: Of everything random in it.
        """
