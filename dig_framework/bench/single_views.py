"""Single views of meshes on a table, with a depth camera's noise: exact masks, exact plane, no renderer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.derived_seed import derived_seed
from dig_framework.errors import InputError
from dig_framework.evidence import Evidence, SensorNoise
from dig_framework.ground_truth import GroundTruth, Sample, TrueObject
from dig_framework.mask_boxes import box_around
from dig_framework.mesh import Mesh
from dig_framework.mesh_files import read_mesh
from dig_framework.metrics.depth_image import depth_image
from dig_framework.metrics.surface import Surface
from dig_framework.observation import Observation
from dig_framework.occlusion import find_occluders
from dig_framework.plane import Plane
from dig_framework.pose import Pose

_FOCAL, _WIDTH, _HEIGHT = 600.0, 640, 480
_KINDS = (".obj", ".ply", ".glb", ".stl", ".off")
_BOARD = 0.3


class SingleView(NamedTuple):
    """One view of one object."""

    name: str
    """Of the mesh, and the number of the view."""
    evidence: Evidence
    truth: Surface
    """In the camera's frame [m]."""


def mesh_paths(folder: Path, chosen: tuple[str, ...] = ()) -> list[Path]:
    """Return the mesh files of a folder by name; only the chosen names, if all of these are there.

    Raises:
        InputError: If there is none.
    """
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _KINDS]
    found = [path for path in found if not path.stem.endswith("_collision")]
    if not found:
        raise InputError(f"{folder}: holds no mesh; put {', '.join(_KINDS)} files in metres there.")
    named = [path for path in found if path.stem in chosen]
    return named if len(named) == len(chosen) > 0 else found


def single_views(
    paths: list[Path], count: int, hidden: float = 0.0, seed: int = 0, told: bool = True
) -> Iterator[SingleView]:
    """Yield `count` views of each mesh, one after the other; the same seed gives the same views.

    A mesh lies on the table in one of the poses in which its convex hull is stable, each as likely as it would be found
    after a throw, turned about the vertical at random. The camera is 0.5 to 0.8 m away, 25 to 65 degrees above the
    table. Depth has the default noise of `SensorNoise`.

    Args:
        paths: Mesh files in metres.
        count: Views of each.
        hidden: Share of the mask that a board before the object hides, from one side.
        seed: Of poses, cameras and noise.
        told: Whether the board's pixels are known; else they are found in the depth image.
    """
    for path in paths:
        mesh = read_mesh(path)
        surface = Surface(mesh.vertices.double().numpy(), mesh.faces.numpy())
        poses, weights = _resting_poses(surface)
        for number in range(count):
            random = np.random.default_rng(derived_seed(seed, path.stem, number))
            table_from_object = _turned(random) @ poses[random.choice(len(poses), p=weights)]
            camera_from_table = _camera_pose(random, surface, table_from_object)
            posed = _moved(surface, camera_from_table @ table_from_object)
            evidence = _evidence(posed, camera_from_table, hidden, random)
            if not told:
                evidence = evidence.replace(occluder=_found_occluder(evidence))
            yield SingleView(f"{path.stem}-{number}", evidence, posed)


def view_samples(paths: list[Path], count: int, hidden: float = 0.0, seed: int = 0) -> Iterator[Sample]:
    """Yield the same views as images with their truth, for whole pipelines, to which nothing but masks is told."""
    for view in single_views(paths, count, hidden, seed):
        mesh = Mesh(torch.from_numpy(view.truth.vertices).float(), torch.from_numpy(view.truth.faces))
        item = TrueObject(view.name.rpartition("-")[0], 0, mesh, Pose.from_matrix(torch.eye(4)))
        evidence = view.evidence
        yield Sample(view.name, evidence.observation, GroundTruth((item,), evidence.plane, masks=evidence.mask[None]))


def _found_occluder(evidence: Evidence) -> Bool[Tensor, "height width"]:
    return find_occluders(evidence.observation, evidence.mask[None], 0, evidence.plane, evidence.noise)


def _resting_poses(surface: Surface) -> tuple[np.ndarray, np.ndarray]:
    """Return table_from_object (n, 4, 4) of stable poses, z up and the table at zero, and how likely each is."""
    import trimesh

    hull = trimesh.Trimesh(surface.vertices, surface.faces).convex_hull
    poses, weights = trimesh.poses.compute_stable_poses(hull, n_samples=1, threshold=0.05, seed=0)
    if not len(poses):
        poses, weights = trimesh.poses.compute_stable_poses(hull, n_samples=1, threshold=0.0, seed=0)
    return np.asarray(poses), np.asarray(weights) / np.sum(weights)


def _turned(random: np.random.Generator) -> np.ndarray:
    yaw = random.uniform(0, 2 * math.pi)
    pose = np.eye(4)
    pose[:2, :2] = [[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]]
    return pose


def _camera_pose(random: np.random.Generator, surface: Surface, table_from_object: np.ndarray) -> np.ndarray:
    """Return camera_from_table of a camera that looks at the middle of the object."""
    distance, slope = random.uniform(0.5, 0.8), math.radians(random.uniform(25, 65))
    points = surface.vertices @ table_from_object[:3, :3].T + table_from_object[:3, 3]
    middle = (points.min(0) + points.max(0)) / 2
    s, c = math.sin(slope), math.cos(slope)
    pose = np.eye(4)
    pose[:3, :3] = [[1, 0, 0], [0, -s, -c], [0, c, -s]]
    pose[:3, 3] = [0, 0, distance] - pose[:3, :3] @ middle
    return pose


def _moved(surface: Surface, pose: np.ndarray) -> Surface:
    return Surface(surface.vertices @ pose[:3, :3].T + pose[:3, 3], surface.faces)


def _evidence(posed: Surface, camera_from_table: np.ndarray, hidden: float, random: np.random.Generator) -> Evidence:
    camera = Camera.from_focal(_FOCAL, _FOCAL, (_WIDTH - 1) / 2, (_HEIGHT - 1) / 2, _WIDTH, _HEIGHT)
    normal, origin = camera_from_table[:3, 2], camera_from_table[:3, 3]
    slant = camera.rays().double().numpy() @ normal
    table = np.where(slant < -1e-6, (normal @ origin) / np.minimum(slant, -1e-6), 0.0)
    depth = depth_image(posed, camera.intrinsics.double().numpy(), _WIDTH, _HEIGHT)
    mask = depth > 0
    depth = np.where(mask, depth, np.where(table < 5, table, 0.0))
    board = _board(mask, hidden, random)
    depth = np.where(board, _BOARD, depth)
    noise = SensorNoise()
    sigma = noise.sigma(torch.from_numpy(depth)).numpy()
    noisy = np.where(depth > 0, depth + sigma * random.normal(size=depth.shape), 0.0)
    seen = torch.from_numpy(mask & ~board)
    plane = Plane(torch.from_numpy(normal).float(), torch.tensor(float(-normal @ origin)))
    color = torch.full((_HEIGHT, _WIDTH, 3), 0.5)
    boxes = (box_around(seen, "object"),)
    observation = Observation(color, torch.from_numpy(noisy).float(), camera, boxes, seen[None])
    return Evidence(observation, seen, torch.from_numpy(board), plane, noise)


def _board(mask: np.ndarray, hidden: float, random: np.random.Generator) -> np.ndarray:
    """Return the pixels of a board that covers a share of the mask from the left or from the right."""
    board = np.zeros_like(mask)
    if hidden <= 0:
        return board
    columns = np.sort(np.nonzero(mask)[1])
    if random.random() < 0.5:
        board[:, : int(np.quantile(columns, hidden)) + 1] = True
    else:
        board[:, int(np.quantile(columns, 1 - hidden)) :] = True
    return board
