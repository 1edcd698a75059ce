"""How far objects drift when physics takes over."""

from __future__ import annotations

import dataclasses

import numpy as np

from dig_framework.interfaces.simulator import Simulator
from dig_framework.metrics.pose_errors import rotation_error
from dig_framework.scene import Scene

DURATION = 2.0
"""How long a scene settles [s]."""

STAYS_WITHIN = 0.005
"""An object that moves less than this [m] and turns less than `TURNS_WITHIN` has settled."""

TURNS_WITHIN = float(np.radians(5))
"""[rad]"""


@dataclasses.dataclass(frozen=True)
class Drift:
    """What became of one object."""

    index: int
    moved: float
    """Distance of the middle of its vertices from where it was [m]."""
    turned: float
    """Angle [rad]."""

    def is_settled(self) -> bool:
        """Return whether it stayed within 5 mm and 5 degrees."""
        return self.moved < STAYS_WITHIN and self.turned < TURNS_WITHIN


def settle_drift(scene: Scene, simulator: Simulator, duration: float = DURATION) -> tuple[Drift, ...]:
    """Let a scene settle for a while [s] and return how far each object went, in their order."""
    after = {item.index: item for item in simulator.settle(scene, duration).objects}
    result = []
    for before in scene.objects:
        settled = after[before.index]
        middle = [item.posed().vertices.detach().double().mean(0).cpu().numpy() for item in (before, settled)]
        poses = [item.pose.matrix().detach().cpu().double().numpy() for item in (before, settled)]
        moved = float(np.linalg.norm(middle[1] - middle[0]))
        result.append(Drift(before.index, moved, rotation_error(poses[1], poses[0])))
    return tuple(result)
