"""The least that makes a renderer use all its kernels."""

from __future__ import annotations

import torch

from dig_framework.camera import Camera
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject


def sample_scene() -> tuple[Scene, Camera]:
    """Return one triangle above a table, in float32, and who sees it."""
    grey = Material.matte(torch.full((3,), 0.5))
    mesh = Mesh(torch.tensor([[-0.1, -0.1, 0.0], [0.1, -0.1, 0.0], [0.0, 0.1, 0.0]]), torch.tensor([[0, 2, 1]]))
    item = SceneObject("triangle", 0, mesh, Pose(torch.tensor([0.0, 0.0, 1.0]), torch.zeros(3)), grey)
    table = Plane(torch.tensor([0.0, 0.0, -1.0]), torch.tensor(1.5), grey)
    light = Light(torch.tensor([0.0, -1.0, 0.0]), torch.ones(3))
    return Scene((item,), (light,), table), Camera.from_focal(16.0, 16.0, 7.5, 7.5, 16, 16)
