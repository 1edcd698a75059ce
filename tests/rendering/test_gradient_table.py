"""Every gradient that the project promises, against central differences."""

import math

import pytest
import torch

from dig_framework.bench.gradients import Agreement, agreements, outline_agreements
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject


def test_gradients_are_those_of_central_differences():
    found = list(agreements())
    assert not wrong_ones(found)
    assert len(found) > 40


def test_gradients_of_colour_and_depth_across_outlines_are_those_of_central_differences():
    found = list(outline_agreements())
    assert not wrong_ones(found)
    assert len(found) == 16


def wrong_ones(found: list[Agreement]) -> list[str]:
    wrong = []
    for item in found:
        median, worst = float(item.errors.median()), float(item.errors.quantile(0.99))
        if not (median <= 1e-6 and worst <= 1e-4 and len(item.errors) > item.left_out):
            wrong.append(f"{item.function} {item.source}: {median:.1e}, {worst:.1e}, {item.left_out} left out")
    return wrong


@pytest.mark.parametrize("corners", [3, 4, 6, 200])
def test_the_area_of_polygons_and_discs_and_its_derivative(corners):
    """At one metre and a focal length of 100 pixels, a radius of a metre is one of 100 pixels."""
    angles = torch.arange(corners, dtype=torch.float64) * (2 * math.pi / corners) + 0.1
    rim = torch.stack([angles.cos(), angles.sin(), torch.ones_like(angles)], 1)
    fan = torch.tensor([[0, k + 1, k] for k in range(1, corners - 1)])
    radius = torch.tensor(0.283, dtype=torch.float64, requires_grad=True)
    mesh = Mesh(rim * torch.stack([radius, radius, torch.ones_like(radius)]), fan)
    zero = torch.zeros(3, dtype=torch.float64)
    matte = Material.matte(torch.ones(3)).to(dtype=torch.float64)
    card = SceneObject("card", 0, mesh, Pose(zero, zero), matte, torch.ones(3, dtype=torch.float64))
    camera = Camera.from_focal(100.0, 100.0, 31.3, 32.8, 64, 64)
    area = RasterRenderer().render(Scene((card,)), camera).masks.sum()
    area.backward()
    share = 0.5 * corners * math.sin(2 * math.pi / corners)
    assert area.item() == pytest.approx(share * 28.3**2, rel=1e-6)
    assert radius.grad.item() == pytest.approx(2 * share * 28.3 * 100, rel=1e-6)
