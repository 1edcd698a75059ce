"""What happens when a grasp is tried."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from dig_framework.component import Component
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.scene import Scene


class Simulator(Component):
    """Physics for a scene: lets it settle, and tries grasps on it."""

    slot: ClassVar[str] = "simulator"
    deterministic: ClassVar[bool] = True
    """Whether the same call gives the same result."""

    @abstractmethod
    def settle(self, scene: Scene, duration: float, gravity: Float[Tensor, "3"] | None = None) -> Scene:
        """Return the scene after `duration` [s] under gravity [m/s^2], without a hand.

        Without a given gravity it is 9.81 m/s^2 against the plane's normal.
        """

    @abstractmethod
    def attempt(self, scene: Scene, grasps: Sequence[Grasp], hand: ParallelJaw, seed: int) -> tuple[Trial, ...]:
        """Try each grasp on a fresh copy of the scene and return one trial a grasp, in order.

        A grasp that cannot be simulated gives a failed trial with the reason, never an exception.
        """
