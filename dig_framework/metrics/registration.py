"""The frame of a reconstruction against that of a true model.

A reconstruction from one image has no frame of its own. The rule: on one reference view its surface is laid onto the
true one, both posed, by the best rigid motion without scale; that motion is frozen, and poses in other views are
judged through it.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from dig_framework.metrics.pose_errors import transformed
from dig_framework.metrics.surface import Surface, surface_samples

_ROUNDS = 100
_STOP = 1e-9
_SAMPLES = 5000


def rigid_alignment(
    source: Float64[np.ndarray, "points 3"], target: Float64[np.ndarray, "points 3"]
) -> Float64[np.ndarray, "4 4"]:
    """Return the rotation and shift that take points nearest, in squares, to their partners (Kabsch 1976)."""
    middle, goal = source.mean(0), target.mean(0)
    u, _, vt = np.linalg.svd((source - middle).T @ (target - goal))
    signs = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    result = np.eye(4)
    result[:3, :3] = (u @ signs @ vt).T
    result[:3, 3] = goal - result[:3, :3] @ middle
    return result


def registration(truth: Surface, guess: Surface, count: int = _SAMPLES) -> Float64[np.ndarray, "4 4"]:
    """Return truth_from_guess: the rigid motion that lays a posed reconstruction onto the posed truth [m].

    Found by nearest partners in both directions (Besl and McKay 1992), from where the two are.
    """
    from scipy.spatial import KDTree

    goal, points = surface_samples(truth, 0, count), surface_samples(guess, 1, count)
    tree, motion, before = KDTree(goal), np.eye(4), np.inf
    for _ in range(_ROUNDS):
        moved = transformed(motion, points)
        there, partner = tree.query(moved)
        back, other = KDTree(moved).query(goal)
        error = float(np.mean(np.square(there)) + np.mean(np.square(back)))
        if before - error < _STOP * before:
            break
        before = error
        motion = rigid_alignment(np.concatenate([points, points[other]]), np.concatenate([goal[partner], goal]))
    return motion


def registered_pose(
    camera_from_guess: Float64[np.ndarray, "4 4"],
    reference_from_guess: Float64[np.ndarray, "4 4"],
    reference_from_truth: Float64[np.ndarray, "4 4"],
    truth_from_guess: Float64[np.ndarray, "4 4"],
) -> Float64[np.ndarray, "4 4"]:
    """Return the pose of the true model that a reconstruction's pose stands for.

    Args:
        camera_from_guess: The reconstruction's pose in some view.
        reference_from_guess: Its pose in the reference view.
        reference_from_truth: The true model's pose there.
        truth_from_guess: Frozen result of `registration` in the reference view.
    """
    return camera_from_guess @ np.linalg.inv(truth_from_guess @ reference_from_guess) @ reference_from_truth
