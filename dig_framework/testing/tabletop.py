"""Analytic scenes on a table, seen obliquely from above."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.grasp import Grasp
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject


def scene_from_table(distance: float = 0.7, slope: float = 0.6) -> Float[Tensor, "4 4"]:
    """Return the table's frame, z up and x to the right, in the frame of a camera that looks at its origin.

    Args:
        distance: From the camera to the table's origin [m].
        slope: Of the viewing direction below the horizon [rad].
    """
    s, c = math.sin(slope), math.cos(slope)
    rows = [[1.0, 0.0, 0.0, 0.0], [0.0, -s, -c, 0.0], [0.0, c, -s, distance], [0.0, 0.0, 0.0, 1.0]]
    return torch.tensor(rows, dtype=torch.float64)


def table_object(
    index: int,
    mesh: Mesh,
    table_from_object: Float[Tensor, "4 4"],
    mass: float | None = None,
    friction: float | None = None,
) -> SceneObject:
    """Return an object with a pose given in the table's frame [m], a mass [kg] and a friction coefficient."""
    pose = Pose.from_matrix(scene_from_table() @ table_from_object.double()).to(dtype=mesh.vertices.dtype)
    matte = Material.matte(torch.full((3,), 0.5))
    return SceneObject(f"object {index}", index, mesh, pose, matte, mass=mass, friction=friction)


def table_scene(*objects: SceneObject) -> Scene:
    """Return objects above the table's plane."""
    pose = scene_from_table()
    normal = pose[:3, 2]
    return Scene(objects, plane=Plane(normal, -(normal @ pose[:3, 3])))


def translation(x: float, y: float, z: float) -> Float[Tensor, "4 4"]:
    """Return the transform that moves by x, y and z [m]."""
    moved = torch.eye(4, dtype=torch.float64)
    moved[:3, 3] = torch.tensor([x, y, z], dtype=torch.float64)
    return moved


def top_grasp(index: int, x: float, y: float, z: float, width: float, turn: float = 0.0) -> Grasp:
    """Return a grasp from straight above at a point of the table's frame [m].

    Args:
        index: `SceneObject.index` of what is grasped.
        x: Of the grasp point, to the right [m].
        y: Of the grasp point, away from the camera [m].
        z: Its height above the table [m].
        width: Distance between the pads before closing [m].
        turn: Of the closing direction about the vertical, from the table's x axis [rad].
    """
    s, c = math.sin(turn), math.cos(turn)
    hand = translation(x, y, z)
    hand[:3, :3] = torch.tensor([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]], dtype=torch.float64)
    return Grasp(index, scene_from_table() @ hand, width)
