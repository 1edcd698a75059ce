"""A wrapper that makes another simulator pessimistic."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.builtin.simulator_quasi_static import QuasiStatic
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces import Simulator
from dig_framework.scene import Scene


class ExampleSimulator(Simulator):
    """Lets another component try the grasps, and lowers the score of what it lets hold."""

    inner: Simulator = Field(
        default_factory=lambda: QuasiStatic.model_validate({}), description="The simulator that tries grasps"
    )
    trust: float = Field(default=1.0, gt=0, le=1, description="Factor on the score of every grasp")

    def settle(self, scene: Scene, duration: float, gravity: Float[Tensor, "3"] | None = None) -> Scene:
        """Return what the inner simulator makes of it."""
        return self.inner.settle(scene, duration, gravity)

    def attempt(self, scene: Scene, grasps: Sequence[Grasp], hand: ParallelJaw, seed: int) -> tuple[Trial, ...]:
        """Return the trials of the inner simulator, less sure of themselves."""
        trials = self.inner.attempt(scene, grasps, hand, seed)
        return tuple(trial.replace(score=self.trust * trial.score) for trial in trials)
