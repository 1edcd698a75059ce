import math
from pathlib import Path

import pytest
import torch

from dig_framework.camera import Camera
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Box, Observation
from dig_framework.support_plane import find_support_plane
from dig_framework.testing.evidence_scenes import Solid, evidence_scene

SHARED = Path(__file__).resolve().parents[1] / "../shared/data"


def _angle(a, b):
    return math.degrees(math.acos(min(1.0, float(a @ b))))


@pytest.mark.parametrize("slope", [0.3, 0.8, 1.4])
@pytest.mark.parametrize("roll", [0.0, 2.0])
def test_finds_a_noisy_table(slope, roll):
    scene = evidence_scene(Solid("box", (0.06, 0.08, 0.12)), slope=slope, roll=roll, noisy=True).evidence
    plane = find_support_plane(scene.observation.replace(masks=None), SensorNoise(), 0)
    assert plane is not None
    assert _angle(plane.normal, scene.plane.normal) < 0.5
    assert abs(float(plane.offset - scene.plane.offset)) < 0.002
    assert float(plane.offset) > 0


def test_survives_thirty_percent_outliers():
    scene = evidence_scene(Solid("cylinder", (0.08, 0.08, 0.1)), noisy=True).evidence
    generator = torch.Generator().manual_seed(3)
    depth = scene.observation.depth
    wrong = torch.rand(depth.shape, generator=generator) < 0.3
    depth = torch.where(wrong, 0.2 + torch.rand(depth.shape, generator=generator), depth)
    plane = find_support_plane(scene.observation.replace(depth=depth), SensorNoise(), 0)
    assert plane is not None
    assert _angle(plane.normal, scene.plane.normal) < 0.5


def test_takes_the_table_and_not_the_larger_floor_behind_it():
    scene = evidence_scene(Solid("box", (0.06, 0.08, 0.12)), noisy=True).evidence
    camera, plane = scene.observation.camera, scene.plane
    rays = camera.rays()
    slant = rays @ plane.normal
    floor = -(plane.offset + 0.6) / slant
    points = camera.unproject(scene.observation.depth)
    beyond = ((points[..., :2] - points[scene.mask].mean(0)[:2]).norm(dim=-1) > 0.11) & ~scene.mask
    assert float(beyond.float().mean()) > 0.5
    depth = torch.where(beyond & (slant < 0), floor, scene.observation.depth)
    found = find_support_plane(scene.observation.replace(depth=depth.clamp(max=4.0)), SensorNoise(), 0)
    assert found is not None
    assert abs(float(found.offset - plane.offset)) < 0.005


def test_takes_the_table_and_not_the_wall_behind_it():
    scene = evidence_scene(Solid("box", (0.06, 0.08, 0.12)), noisy=True).evidence
    depth = scene.observation.depth.clamp(max=0.68)
    found = find_support_plane(scene.observation.replace(depth=depth, masks=None), SensorNoise(), 0)
    assert found is not None
    assert _angle(found.normal, scene.plane.normal) < 1.0


@pytest.mark.parametrize("kind", ["box", "ellipsoid"])
def test_no_plane_in_view_gives_none(kind):
    scene = evidence_scene(Solid(kind, (0.08, 0.08, 0.1)), noisy=True).evidence
    depth = torch.where(scene.mask, scene.observation.depth, 0.0)
    for masks in (None, scene.observation.masks):
        assert find_support_plane(scene.observation.replace(depth=depth, masks=masks), SensorNoise(), 0) is None


def test_no_depth_gives_none():
    depth = torch.zeros(40, 50)
    camera = Camera.from_focal(50.0, 50.0, 25.0, 20.0, 50, 40)
    observation = Observation(torch.zeros(40, 50, 3), depth, camera, (Box("thing", (10.0, 10.0, 20.0, 20.0)),))
    assert find_support_plane(observation, SensorNoise(), 0) is None


def test_same_seed_same_bits():
    observation = evidence_scene(Solid("box", (0.06, 0.08, 0.12)), noisy=True).evidence.observation
    first, second = (find_support_plane(observation, SensorNoise(), seed=5) for _ in range(2))
    assert torch.equal(first.normal, second.normal)
    assert torch.equal(first.offset, second.offset)


@pytest.mark.parametrize("name", ["single_mustard", "ycbv_0052_x", "ycbv_0054_000001", "mosd_test57", "lmo_sam6d"])
def test_real_frames_have_their_objects_on_the_plane(name):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{name} is not here")
    from dig_framework.observation_files import load_observation

    observation = load_observation(SHARED / name)
    plane = find_support_plane(observation.replace(masks=None), SensorNoise(), 0)
    assert plane is not None
    heights = plane.height(observation.camera.unproject(observation.depth))
    assert float(heights[(observation.depth > 0) & (heights.abs() < 0.005)].abs().median()) < 0.0025
    lowest = []
    for mask in observation.masks:
        seen = heights[mask & (observation.depth > 0)]
        assert float(seen.median()) > 0.01
        lowest.append(float(torch.quantile(seen, 0.05)))
    assert min(lowest) < 0.03
