"""The simplest policy: take it across its long side, from above."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float
from pydantic import Field

from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.interfaces.policy import Policy
from dig_framework.scene import Scene
from dig_framework.statics.body import Body, bodies_of
from dig_framework.statics.free_hand import HandSpace, approaches, hand_pose
from dig_framework.statics.gravity import up_of


class TopDown(Policy):
    """Propose grasps along the principal axis of the object's footprint, from straight above and obliquely.

    The pads close across the long side, then across the short side, at several places along the axis and depths below
    the top; what would touch the table or any object is dropped.
    """

    places: tuple[float, ...] = Field(
        default=(0.0, 0.25, -0.25, 0.5, -0.5),
        description="Positions along the axis, as shares of the object's half length",
    )
    depths: tuple[float, ...] = Field(
        default=(0.5, 0.25, 0.75),
        description="Heights of the grasp point below the top, as shares of the object's height",
    )
    tilts: tuple[float, ...] = Field(
        default=(0.0, 0.52, -0.52, 1.05, -1.05), description="Approaches, turned about the closing axis [rad]"
    )
    clearance: float = Field(default=0.01, gt=0, description="Room between pad and object before closing [m]")
    table_margin: float = Field(default=0.003, ge=0, description="Least height of the hand above the plane [m]")
    approach: float = Field(default=0.08, gt=0, description="Length of the straight approach [m]")

    def propose(self, scene: Scene, hand: ParallelJaw, seed: int) -> tuple[Grasp, ...]:
        """Return candidates for every object that is a rigid body; the seed changes nothing."""
        bodies = bodies_of(scene, 1.0, 0.5)
        space = HandSpace(scene, bodies, hand, self.clearance, self.table_margin, self.approach)
        poses = ((body, pose) for body in bodies.values() for pose in self._poses(body, up_of(scene), hand))
        found = (space.grasp_at(body, pose) for body, pose in poses)
        return tuple(grasp for grasp in found if grasp is not None)

    def _poses(self, body: Body, up: Float[np.ndarray, "3"], hand: ParallelJaw) -> Iterator[Float[np.ndarray, "4 4"]]:
        long, short = _footprint_axes(body, up)
        heights = (body.vertices - body.center) @ up
        reach = np.abs((body.vertices - body.center) @ long).max()
        for closing, tilt in ((axis, tilt) for tilt in self.tilts for axis in (short, long)):
            direction = approaches(closing, up, np.array([tilt]))[0]
            for depth in self.depths:
                # The fingers reach no deeper below the top than they are long.
                below = min(depth * float(np.ptp(heights)), 0.8 * (hand.finger_length - hand.fingertip))
                for place in self.places if closing is short else (0.0,):
                    origin = body.center + place * reach * long + (heights.max() - below) * up
                    yield hand_pose(origin, closing, direction)


def _footprint_axes(body: Body, up: Float[np.ndarray, "3"]) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Return the horizontal unit axes of largest and smallest extent of the surface, by its second moments."""
    a, b, c = np.moveaxis(body.triangles(), 1, 0)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    middles = (a + b + c) / 3
    local = middles - np.average(middles, axis=0, weights=areas)
    flat = local - np.outer(local @ up, up)
    moments = (flat * areas[:, None]).T @ flat
    # The upward direction has no moment, so it comes first.
    axes = np.linalg.eigh(moments - np.trace(moments) * np.outer(up, up))[1]
    long = axes[:, 2] - (axes[:, 2] @ up) * up
    long /= np.linalg.norm(long)
    return long, np.cross(up, long)
