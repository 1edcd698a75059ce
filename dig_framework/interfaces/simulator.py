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
    stacking: ClassVar[bool] = False
    """Whether objects rest on each other when a scene settles."""
    reasons: ClassVar[frozenset[str]] = frozenset(
        {
            "held",
            "collision",
            "missed",
            "slipped",
            "too wide",
            "no such object",
            "empty mesh",
            "invalid mesh",
            "invalid mass",
            "invalid friction",
            "invalid grasp",
        }
    )
    """Every `Trial.reason` that it gives: 'held' for a success; the hand touches what it must not, closes on nothing,
    loses the object, or is too small; or the grasp or its object cannot be simulated."""

    @abstractmethod
    def settle(self, scene: Scene, duration: float, gravity: Float[Tensor, "3"] | None = None) -> Scene:
        """Return the scene after `duration` [s] under gravity [m/s^2], without a hand.

        Without a given gravity it is `STANDARD_GRAVITY`, 9.81 m/s^2, against the plane's normal.
        """

    @abstractmethod
    def attempt(self, scene: Scene, grasps: Sequence[Grasp], hand: ParallelJaw, seed: int) -> tuple[Trial, ...]:
        """Try each grasp on a fresh copy of the scene and return one trial a grasp, in order.

        A grasp that cannot be simulated gives a failed trial with the reason, never an exception.

        Args:
            scene: Where the objects are.
            grasps: What to try.
            hand: The gripper.
            seed: Of everything random in it.
        """
