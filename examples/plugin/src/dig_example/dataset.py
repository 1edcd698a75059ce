"""A dataset of balls on a table, without files."""

from __future__ import annotations

import torch
from pydantic import Field

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.ground_truth import GroundTruth, Sample, TrueObject
from dig_framework.icosphere import icosphere
from dig_framework.interfaces import Dataset
from dig_framework.observation import Box, Observation
from dig_framework.pose import Pose


class ExampleDataset(Dataset):
    """Works out images of balls of several sizes, each alone before a wall; everything about them is known."""

    count: int = Field(default=4, ge=1, le=100, description="How many images there are")
    distance: float = Field(default=0.6, gt=0.3, description="From the camera to the middle of a ball [m]")

    def names(self) -> list[str]:
        """Return `ball-0`, `ball-1` ..."""
        return [f"ball-{number}" for number in range(self.count)]

    def sample(self, name: str) -> Sample:
        """Return one image and its truth.

        Raises:
            InputError: If there is no such image.
        """
        names = self.names()
        if name not in names:
            raise InputError(f"there is no image {name!r}; there are {names[0]} to {names[-1]}.")
        radius = 0.03 + 0.02 * names.index(name) / self.count
        camera = Camera.from_focal(150.0, 150.0, 79.5, 59.5, 160, 120)
        rays, centre = camera.rays(), torch.tensor([0.0, 0.0, self.distance])
        along, square = rays @ centre, rays.square().sum(-1)
        root = along.square() - square * (centre.square().sum() - radius**2)
        mask = root > 0
        depth = torch.where(mask, (along - root.clamp_min(0).sqrt()) / square, self.distance + 0.2)
        color = torch.where(mask[..., None], torch.tensor([0.6, 0.1, 0.1]), torch.tensor([0.4, 0.4, 0.4]))
        rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
        corners = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        box = Box("ball", (float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3])))
        sphere = icosphere(3)
        mesh = sphere.replace(vertices=(radius * sphere.vertices).float())
        ball = TrueObject("ball", 0, mesh, Pose(centre, torch.zeros(3)), 1.0)
        observation = Observation(color, depth, camera, (box,), mask[None])
        return Sample(name, observation, GroundTruth((ball,), depth=depth, masks=mask[None]))
