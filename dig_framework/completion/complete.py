"""All steps of the completion, in order."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.bottom import down_to_floor, turned_over
from dig_framework.completion.extraction import closed_mesh
from dig_framework.completion.frame import UprightFrame
from dig_framework.completion.free_space import FreeSpace, free_space
from dig_framework.completion.isometry import composed, moved
from dig_framework.completion.sight import sight
from dig_framework.completion.solid import solid
from dig_framework.completion.symmetry import Explanation, explanations, thinned
from dig_framework.evidence import Evidence

if TYPE_CHECKING:
    from dig_framework.builtin.shape_completion import SymmetricCompletion

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Completion:
    """A closed mesh in an upright frame."""

    frame: UprightFrame
    vertices: Array
    """In the upright frame [m], shape (n, 3)."""
    faces: NDArray[np.integer]
    uncertainty: float
    """Standard deviation of the visible surface [m]."""


def complete(evidence: Evidence, settings: SymmetricCompletion, seed: int) -> Completion:
    """Return the completed surface of one object.

    Args:
        evidence: What the image says about it.
        settings: Of the completion.
        seed: Of the choice of points that are tried.

    Raises:
        InputError: If too few points can be trusted, or they leave no volume.
    """
    seen = sight(evidence, settings.erosion, settings.reach)
    space = free_space(seen.view, seen.surface, seen.frame, settings.tolerance)
    found = explanations(space, thinned(seen.surface.points, 0.004), settings, seed)
    if np.isfinite(space.floor):
        found = [item if item.prism else _standing(space, item, settings) for item in found]
    field = solid(space, found, settings.resolution, settings.smoothing)
    vertices, faces = closed_mesh(field, settings.triangles)
    vertices[:, 2] = np.maximum(vertices[:, 2], space.floor)
    return Completion(seen.frame, vertices, faces, seen.sigma)


def _standing(space: FreeSpace, item: Explanation, settings: SymmetricCompletion) -> Explanation:
    reflection = turned_over(space, item.points, settings.turned_over)
    if reflection is None:
        return dataclasses.replace(item, points=down_to_floor(space, item.points, settings.carried))
    reflected = moved(reflection, item.points)
    reflected[:, 2] = np.maximum(reflected[:, 2], space.floor)
    both = [reflection, *(composed(reflection, each) for each in item.isometries)]
    isometries = np.concatenate([item.isometries, np.stack(both)])
    return dataclasses.replace(item, points=np.concatenate([item.points, reflected]), isometries=isometries)
