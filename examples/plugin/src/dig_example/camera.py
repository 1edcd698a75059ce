"""A camera that sees a ball on a table, without a scene to look at."""

from __future__ import annotations

import torch
from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.interfaces import CameraDevice
from dig_framework.observation import Box, Observation


class ExampleCamera(CameraDevice):
    """Works out what a pinhole camera sees of one ball on a wall-to-wall table, again and again."""

    width: int = Field(default=160, ge=16, description="Image width [px]")
    height: int = Field(default=120, ge=16, description="Image height [px]")
    focal: float = Field(default=150.0, gt=0, description="Focal length [px]")
    radius: float = Field(default=0.05, gt=0, lt=0.2, description="Radius of the ball [m]")
    distance: float = Field(default=0.6, gt=0.3, description="From the camera to the middle of the ball [m]")

    def capture(self) -> Observation:
        """Return the image; it is always the same."""
        middle = ((self.width - 1) / 2, (self.height - 1) / 2)
        camera = Camera.from_focal(self.focal, self.focal, *middle, self.width, self.height)
        rays = camera.rays()
        # The table is the plane normal . x = -radius - distance * 0.8, half way between a floor and a wall.
        normal, centre = torch.tensor([0.0, -0.6, -0.8]), torch.tensor([0.0, 0.0, self.distance])
        depth = (normal @ centre - self.radius) / (rays @ normal)
        along, square = rays @ centre, rays.square().sum(-1)
        root = along.square() - square * (centre.square().sum() - self.radius**2)
        ball = root > 0
        depth = torch.where(ball, (along - root.clamp_min(0).sqrt()) / square, depth)
        color = torch.where(ball[..., None], torch.tensor([0.6, 0.1, 0.1]), torch.tensor([0.4, 0.4, 0.4]))
        rows, columns = ball.any(1).nonzero(), ball.any(0).nonzero()
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        box = Box("ball", (float(left), float(top), float(right), float(bottom)))
        return Observation(color, depth, camera, (box,), ball[None])
