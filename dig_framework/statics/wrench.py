"""Forces and torques that contacts with friction can bear."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

EDGES = 8
"""Sides of the pyramid that stands for a friction cone."""


def friction_cone(normal: Float[np.ndarray, "3"], friction: float) -> Float[np.ndarray, "8 3"]:
    """Return the edges of a pyramid inside Coulomb's cone, each with a normal component of one.

    Args:
        normal: Unit direction in which the contact pushes.
        friction: Coulomb coefficient.
    """
    axis = np.eye(3)[np.argmin(np.abs(normal))]
    first = np.cross(normal, axis)
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    angles = 2 * math.pi * np.arange(EDGES) / EDGES
    return normal + friction * (np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second)


def contact_wrenches(
    points: Float[np.ndarray, "contacts 3"],
    normals: Float[np.ndarray, "contacts 3"],
    friction: float,
    center: Float[np.ndarray, "3"],
) -> Float[np.ndarray, "contacts 8 6"]:
    """Return force [N] and torque about `center` [N m] of unit normal force along every edge of every cone."""
    forces = np.stack([friction_cone(normal, friction) for normal in normals])
    torques = np.cross((points - center)[:, None], forces)
    return np.concatenate([forces, torques], -1)


def closure_margin(wrenches: Float[np.ndarray, "wrenches 6"], radius: float) -> float:
    """Return the radius of the largest ball of wrenches around zero that unit contact forces resist.

    Quality Q1 of Ferrari and Canny, "Planning optimal grasps", ICRA 1992, with torques divided by the body's radius
    [m]. Zero means no force closure. At most one.
    """
    from scipy.spatial import ConvexHull, QhullError

    scaled = wrenches / np.array([1.0, 1.0, 1.0, radius, radius, radius])
    try:
        hull = ConvexHull(scaled)
    except QhullError:  # All wrenches in one hyperplane: nothing resists what is across it.
        return 0.0
    return float(np.clip(-hull.equations[:, -1].max(), 0.0, 1.0))


def load_factor(
    left: Float[np.ndarray, "left 6"],
    right: Float[np.ndarray, "right 6"],
    load: Float[np.ndarray, "6"],
    force: float,
    limit: float = 100.0,
) -> float:
    """Return how many times a load two pads can bear without slipping, at most `limit`.

    A linear program over the friction cones: the largest factor for which contact forces balance factor times load
    while the normal forces of each pad sum to at most `force`.

    Args:
        left: Wrenches of the left pad's cone edges, unit normal force each.
        right: Those of the right pad.
        load: Force [N] and torque [N m] to be borne, such as the weight.
        force: What each pad presses with [N].
        limit: Factor at which to stop.
    """
    from scipy.optimize import linprog

    count = len(left) + len(right)
    # Torques in newton metres are small; in newton centimetres both halves of the program have one scale.
    units = np.array([1.0, 1.0, 1.0, 100.0, 100.0, 100.0])
    balance = np.concatenate([left, right, load[None]]).T * units[:, None]
    presses = np.zeros((2, count + 1))
    presses[0, : len(left)] = presses[1, len(left) : count] = 1.0
    bounds = [(0.0, None)] * count + [(0.0, limit)]
    goal = np.append(np.zeros(count), -1.0)
    found = linprog(goal, presses, np.full(2, force), balance, np.zeros(6), bounds, method="highs")
    return max(0.0, float(found.x[-1])) if found.status == 0 else 0.0
