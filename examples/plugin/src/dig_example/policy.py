"""Grasps from straight above."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.interfaces import Policy
from dig_framework.scene import Scene
from dig_framework.statics.body import flaw_of


class ExamplePolicy(Policy):
    """Turns the hand about the vertical through each object's middle, and keeps the turns at which it fits in."""

    turns: int = Field(default=8, ge=1, description="Directions in half a turn")
    depth: float = Field(default=0.02, gt=0, description="How far the grasp point is below the object's top [m]")
    room: float = Field(default=0.01, gt=0, description="Room between object and pads, both sides together [m]")

    def propose(self, scene: Scene, hand: ParallelJaw, seed: int) -> tuple[Grasp, ...]:
        """Return candidates, those with the narrowest opening first; the seed changes nothing."""
        posed = {item.index: item.posed().vertices for item in scene.objects if flaw_of(item) is None}
        return tuple(grasp for index, points in posed.items() for grasp in self._of(index, points, scene, hand))

    def _of(self, index: int, points: Float[Tensor, "points 3"], scene: Scene, hand: ParallelJaw) -> list[Grasp]:
        up = torch.tensor([0.0, -1.0, 0.0]).to(points) if scene.plane is None else scene.plane.normal.to(points)
        across = torch.linalg.svd(up[None])[2][1:]
        middle = (points.amin(0) + points.amax(0)) / 2
        heights = (points - middle) @ up
        depth = min(self.depth, 0.5 * float(heights.max() - heights.min()))
        grasps = []
        for turn in range(self.turns):
            angle = math.pi * turn / self.turns
            closing = math.cos(angle) * across[0] + math.sin(angle) * across[1]
            extent = (points - middle) @ closing
            origin = middle + up * (heights.max() - depth) + closing * (extent.max() + extent.min()) / 2
            width = float(extent.max() - extent.min()) + self.room
            pose = torch.eye(4).to(points)
            pose[:3] = torch.stack([closing, torch.linalg.cross(-up, closing), -up, origin], 1)
            if width <= hand.opening:
                grasps.append(Grasp(index, pose, width))
        return sorted(grasps, key=lambda grasp: grasp.width)
