"""Lights from everywhere against sums over directions, and lights in other frames."""

import math

import pytest
import torch

from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.pose import Pose
from dig_framework.shading.light_table import light_table


def spherical_harmonics(direction):
    """The nine real orthonormal functions in (x, y, z), from any table of them."""
    x, y, z = direction.unbind(-1)
    root = math.sqrt
    return torch.stack(
        [
            torch.full_like(x, root(1 / (4 * math.pi))),
            root(3 / (4 * math.pi)) * y,
            root(3 / (4 * math.pi)) * z,
            root(3 / (4 * math.pi)) * x,
            root(15 / (4 * math.pi)) * x * y,
            root(15 / (4 * math.pi)) * y * z,
            root(5 / (16 * math.pi)) * (3 * z * z - 1),
            root(15 / (4 * math.pi)) * x * z,
            root(15 / (16 * math.pi)) * (x * x - y * y),
        ],
        -1,
    )


def directions(count=400):
    """Midpoints of equal areas of the sphere, each of area 4 pi / (2 count^2)."""
    z = (torch.arange(count, dtype=torch.float64) + 0.5) / count * 2 - 1
    angle = (torch.arange(2 * count, dtype=torch.float64) + 0.5) / count * math.pi
    z, angle = torch.meshgrid(z, angle, indexing="ij")
    radius = (1 - z * z).sqrt()
    return torch.stack([radius * angle.cos(), radius * angle.sin(), z], -1).reshape(-1, 3)


def ambient(seed=0):
    return AmbientLight(torch.randn(9, 3, generator=torch.Generator().manual_seed(seed)).double())


def random_pose():
    return Pose(torch.tensor([0.2, -0.1, 0.5]).double(), torch.tensor([0.4, 1.1, -0.7]).double()).matrix()


def test_light_from_everywhere_is_the_sum_over_directions():
    """A matte white surface shows 1 / pi times the integral of radiance times cosine."""
    light, rays = ambient(), directions()
    normals = torch.nn.functional.normalize(
        torch.randn(6, 3, generator=torch.Generator().manual_seed(1)).double(), dim=1
    )
    radiance = spherical_harmonics(rays) @ light.coefficients
    cosines = (normals @ rays.mT).clamp_min(0)
    expected = cosines @ radiance * (4 * math.pi / len(rays)) / math.pi
    found = light_table([light], torch.eye(4).double()).surrounding(normals)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


def test_uniform_light_shows_white_at_one():
    light = AmbientLight.uniform(torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64))
    found = light_table([light], random_pose()).surrounding(torch.tensor([[0.0, 0.6, 0.8]]).double())
    torch.testing.assert_close(found, torch.tensor([[1.0, 0.5, 2.0]]).double(), rtol=0, atol=1e-6)


def test_light_from_everywhere_turns_with_the_frame():
    pose, normals = random_pose(), torch.nn.functional.normalize(torch.ones(1, 3).double(), dim=1)
    there = light_table([ambient()], pose).surrounding(normals @ pose[:3, :3].mT)
    here = light_table([ambient()], torch.eye(4).double()).surrounding(normals)
    torch.testing.assert_close(there, here)


def test_lights_of_one_kind_add_up():
    table = light_table([ambient(0), ambient(1)], random_pose())
    parts = [light_table([ambient(seed)], random_pose()).ambient for seed in (0, 1)]
    torch.testing.assert_close(table.ambient, parts[0] + parts[1])


@pytest.mark.parametrize("far", [1e3, 1e5])
def test_far_points_are_directions(far):
    towards, pose = torch.tensor([0.3, -0.9, 0.2]).double(), random_pose()
    one = torch.ones(3).double()
    table = light_table([Light(far * towards, one), DirectionalLight(towards, one)], pose)
    near, distant = table.directions(torch.tensor([[0.1, 0.2, 0.9]]).double())
    torch.testing.assert_close(near, distant, rtol=0, atol=2 / far)


def test_directions_of_points_are_those_of_the_scene():
    pose = random_pose()
    light, point = torch.tensor([0.0, -1.0, 0.0]).double(), torch.tensor([[0.1, 0.2, 0.9]]).double()
    table = light_table([Light(light, torch.ones(3).double())], pose)
    moved = point @ pose[:3, :3].mT + pose[:3, 3]
    expected = torch.nn.functional.normalize(light - point, dim=1) @ pose[:3, :3].mT
    torch.testing.assert_close(table.directions(moved)[0], expected)
