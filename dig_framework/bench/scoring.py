"""How near a reconstructed surface is to the true one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

_SAMPLES = 20_000
_NEAR = 0.005
_CELLS = 64


class Surface(NamedTuple):
    """A triangle mesh in the camera frame."""

    vertices: Float64[np.ndarray, "vertices 3"]
    """Positions [m]."""
    faces: Int64[np.ndarray, "faces 3"]


class Score(NamedTuple):
    """Agreement of a reconstruction with the truth."""

    chamfer: float
    """Mean of the mean distances there and back [m]."""
    fscore: float
    """Harmonic mean of precision and recall at 5 mm."""
    iou: float
    """Intersection over union of the solids."""


def score(truth: Surface, guess: Surface | None) -> Score:
    """Compare two surfaces; a missing guess has half the object's diameter as distance and no overlap."""
    from scipy.spatial import KDTree

    if guess is None:
        return Score(_diameter(truth) / 2, 0.0, 0.0)
    of_truth, of_guess = _samples(truth, seed=0), _samples(guess, seed=1)
    to_guess, _ = KDTree(of_guess).query(of_truth)
    to_truth, _ = KDTree(of_truth).query(of_guess)
    precision, recall = float((to_truth < _NEAR).mean()), float((to_guess < _NEAR).mean())
    fscore = 2 * precision * recall / max(precision + recall, 1e-12)
    return Score(float(to_guess.mean() + to_truth.mean()) / 2, fscore, overlap(truth, guess))


def overlap(first: Surface, second: Surface, cells: int = _CELLS) -> float:
    """Return the intersection over union of two solids, on `cells` cubed points over their common bounds."""
    from dig_framework.bench.winding_number import are_inside

    low = np.minimum(first.vertices.min(0), second.vertices.min(0))
    high = np.maximum(first.vertices.max(0), second.vertices.max(0))
    steps = (np.arange(cells) + 0.5) / cells
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3) * (high - low) + low
    inside = [are_inside(item.vertices, item.faces, grid) for item in (first, second)]
    union = np.count_nonzero(inside[0] | inside[1])
    return float(np.count_nonzero(inside[0] & inside[1]) / union) if union else 0.0


def _samples(surface: Surface, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    a, b, c = np.moveaxis(surface.vertices[surface.faces], 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = random.choice(len(area), _SAMPLES, p=area / area.sum())
    u, v = random.random((2, _SAMPLES, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    return a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]


def _diameter(surface: Surface) -> float:
    import trimesh

    box = trimesh.Trimesh(surface.vertices, surface.faces, process=False).bounding_box_oriented
    return float(np.linalg.norm(np.asarray(box.primitive.extents)))
