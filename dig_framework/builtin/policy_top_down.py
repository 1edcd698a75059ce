"""The simplest policy: take it across its long side, from above."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float
from pydantic import Field

from dig_framework.grasp import APPROACH_LENGTH, Grasp, ParallelJaw
from dig_framework.interfaces.policy import Policy
from dig_framework.scene import Scene
from dig_framework.statics.assumptions import HAND_CLEARANCE, PROPOSED_TABLE_MARGIN
from dig_framework.statics.body import Body, bodies_of
from dig_framework.statics.free_hand import HandSpace, approaches, hand_pose
from dig_framework.statics.gravity import up_of


class TopDown(Policy):
    """Propose grasps along the long side of the object's footprint, from straight above and obliquely.

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
    clearance: float = Field(default=HAND_CLEARANCE, gt=0, description="Room between pad and object before closing [m]")
    table_margin: float = Field(
        default=PROPOSED_TABLE_MARGIN, ge=0, description="Least height of the hand above the plane [m]"
    )
    approach: float = Field(default=APPROACH_LENGTH, gt=0, description="Length of the straight approach [m]")

    def propose(self, scene: Scene, hand: ParallelJaw, seed: int) -> tuple[Grasp, ...]:
        """Return candidates for every object that is a rigid body; the seed changes nothing."""
        bodies = bodies_of(scene)
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
    """Return the long and the short side, as horizontal unit axes, of the narrowest rectangle around the footprint.

    One side of it lies along an edge of the footprint's convex hull (rotating calipers, Toussaint 1983); unlike
    moments, it has a definite direction for a square too.
    """
    from scipy.spatial import ConvexHull

    axis = np.eye(3)[np.argmin(np.abs(up))]
    first = np.cross(axis, up) / np.linalg.norm(np.cross(axis, up))
    basis = np.stack([first, np.cross(up, first)])
    hull = ConvexHull((body.vertices - body.center) @ basis.T)
    # One normal an edge; rounded, so that equal widths do not hang on the last digit.
    widths = np.ptp(hull.points[hull.vertices] @ hull.equations[:, :2].T, axis=0).round(6)
    short = hull.equations[int(widths.argmin()), :2] @ basis
    return np.cross(short, up), short
