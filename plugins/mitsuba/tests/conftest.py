import dataclasses

import pytest
import torch

from dig_framework.light import DirectionalLight
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.testing.scenes import single_sphere


@pytest.fixture
def textured_square():
    truth = single_sphere(65)
    corners = torch.tensor([[-0.1, -0.1, 0.0], [0.1, -0.1, 0.0], [0.1, 0.1, 0.0], [-0.1, 0.1, 0.0]])
    uv = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    texture = torch.rand(3, 4, 3, generator=torch.Generator().manual_seed(0))
    mesh = Mesh(corners, torch.tensor([[0, 2, 1], [0, 3, 2]]), uv=uv, texture=texture)
    white = Material(torch.ones(3), *(torch.tensor(value) for value in (0.0, 1.0, 0.0, 1.0)))
    item = truth.scene.objects[0].replace(mesh=mesh, material=white)
    light = DirectionalLight(torch.tensor([0.0, 0.0, -1.0]), torch.ones(3))
    return dataclasses.replace(truth, scene=truth.scene.replace(objects=(item,), lights=(light,)))
