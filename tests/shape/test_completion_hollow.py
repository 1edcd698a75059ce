"""Completion of things that are not convex: what is free at a copy of a place is free there."""

import functools
import math

import numpy as np
import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.camera import Camera
from dig_framework.completion.isometry import composed, mirrors, moved, upright_normals
from dig_framework.completion.simplification import simplified
from dig_framework.evidence import Evidence, SensorNoise
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.observation import Box, Observation
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.solids import sphere_mesh

RADIUS, HEIGHT, WALL, STEM, SLOPE, DISTANCE = 0.05, 0.07, 0.006, 0.015, 0.7, 0.6


def cup() -> Mesh:
    """An open cylinder standing on z = 0."""
    inner = RADIUS - WALL
    return turned([(0, 0), (RADIUS, 0), (RADIUS, HEIGHT), (inner, HEIGHT), (inner, WALL), (0, WALL)])


def turned(profile: list[tuple[float, float]]) -> Mesh:
    """A profile (radius, height) from axis to axis, turned about z."""
    count, rings = 48, len(profile) - 2
    angles = torch.arange(count) * 2 * math.pi / count
    circle = torch.stack([angles.cos(), angles.sin(), torch.zeros(count)], 1)
    middle = [torch.cat([r * circle[:, :2], torch.full((count, 1), float(z))], 1) for r, z in profile[1:-1]]
    vertices = torch.cat([torch.zeros(1, 3), *middle, torch.tensor([[0, 0, profile[-1][1]]])])
    here, after = torch.arange(count), (torch.arange(count) + 1) % count
    faces = [torch.stack([torch.zeros(count, dtype=torch.int64), 1 + after, 1 + here], 1)]
    for k in range(rings - 1):
        a, b = 1 + k * count + here, 1 + k * count + after
        faces += [torch.stack([a, b, b + count], 1), torch.stack([a, b + count, a + count], 1)]
    last = 1 + (rings - 1) * count
    faces.append(torch.stack([last + here, last + after, torch.full((count,), len(vertices) - 1)], 1))
    return Mesh(vertices, torch.cat(faces))


def reel() -> Mesh:
    """Two discs, one above the other, and a thin stem between them, on z = 0."""
    profile = [(RADIUS, 0.0), (RADIUS, 0.02), (STEM, 0.02), (STEM, 0.06), (RADIUS, 0.06), (RADIUS, 0.08)]
    return turned([(0.0, 0.0), *profile, (0.0, 0.08)])


def view_of(mesh: Mesh) -> tuple[Evidence, torch.Tensor]:
    """What a camera sees that looks down at a mesh on z = 0, and the mesh's pose."""
    up = torch.tensor([0.0, -math.cos(SLOPE), -math.sin(SLOPE)])
    right = torch.tensor([1.0, 0.0, 0.0])
    pose = torch.eye(4)
    pose[:3, :3] = torch.stack([right, torch.linalg.cross(up, right), up], 1)
    pose[:3, 3] = torch.tensor([0.0, 0.0, DISTANCE]) - up * HEIGHT / 2
    plane = Plane(up, -(up @ pose[:3, 3]))
    item = SceneObject("thing", 0, mesh, Pose.from_matrix(pose), Material.matte(torch.full((3,), 0.5)))
    camera = _camera()
    render = RasterRenderer(silhouettes="hard").render(Scene((item,), (), plane), camera)
    mask = render.ids == 0
    rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
    box = Box("thing", (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)))
    observation = Observation(torch.full((180, 240, 3), 0.5), render.depth, camera, (box,))
    return Evidence(observation, mask, torch.zeros_like(mask), plane, SensorNoise()), pose


def _camera() -> Camera:
    intrinsics = torch.tensor([[500.0, 0.0, 119.5], [0.0, 500.0, 89.5], [0.0, 0.0, 1.0]])
    return Camera(intrinsics, 240, 180)


@pytest.fixture(scope="module")
def completed():
    return completion_of(cup())


def completion_of(thing: Mesh) -> Mesh:
    """The completion of one view, in the frame of the truth."""
    evidence, pose = view_of(thing)
    shape = SymmetricCompletion()
    (best,) = shape.initialize(evidence, seed=0)
    mesh = shape.mesh(best.parameters)
    scene = best.pose.transform(mesh.vertices)
    inverse = torch.linalg.inv(pose)
    return mesh.replace(vertices=scene @ inverse[:3, :3].T + inverse[:3, 3])


def is_inside(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    trimesh = pytest.importorskip("trimesh")
    return trimesh.Trimesh(mesh.vertices.numpy(), mesh.faces.numpy(), process=False).contains(points)


def test_the_completed_cup_is_closed_and_as_large_as_the_true_one(completed):
    assert completed.is_closed()
    low, high = completed.vertices.min(0).values, completed.vertices.max(0).values
    assert torch.allclose(high, torch.tensor([RADIUS, RADIUS, HEIGHT]), rtol=0, atol=0.004)
    assert torch.allclose(low, torch.tensor([-RADIUS, -RADIUS, 0.0]), rtol=0, atol=0.004)


@pytest.mark.parametrize("angle", np.arange(8) * math.pi / 4)
def test_the_completed_cup_is_hollow_all_around_and_has_walls(completed, angle):
    direction = np.array([math.cos(angle), math.sin(angle), 0.0])
    cavity = np.stack([radius * direction + [0, 0, 0.045] for radius in (0.0, 0.015, 0.03)])
    assert not is_inside(completed, cavity).any()
    wall = np.stack([radius * direction + [0, 0, 0.045] for radius in np.linspace(0.038, 0.052, 15)])
    assert is_inside(completed, wall).any()


@pytest.mark.parametrize("angle", np.arange(8) * math.pi / 4)
def test_what_is_the_same_upside_down_is_as_thin_below_as_above(angle):
    found = completed_reel()
    direction = np.array([math.cos(angle), math.sin(angle), 0.0])
    between = np.stack([0.042 * direction + [0, 0, height] for height in (0.035, 0.04, 0.045)])
    assert not is_inside(found, between).any()
    discs = np.stack([0.042 * direction + [0, 0, height] for height in (0.01, 0.07)])
    assert is_inside(found, discs).all()


@functools.cache
def completed_reel() -> Mesh:
    return completion_of(reel())


def test_simplification_keeps_a_sphere_closed():
    sphere = sphere_mesh(0.05, subdivisions=4)
    vertices, faces = simplified(sphere.vertices.double().numpy(), sphere.faces.numpy(), 800)
    assert sphere.replace(vertices=torch.from_numpy(vertices), faces=torch.from_numpy(faces)).is_closed()
    assert 600 <= len(faces) <= 900
    assert np.abs(np.linalg.norm(vertices, axis=1) - 0.05).max() < 0.001


def test_composition_is_one_transform_after_the_other():
    first, second = mirrors(upright_normals(np.array([0.3, 1.2])), np.array([0.1, -0.2]))
    points = np.random.default_rng(0).normal(size=(5, 3))
    assert np.allclose(moved(composed(second, first), points), moved(second, moved(first, points)))
