"""How far two surfaces are from each other, from samples of both; no alignment is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from dig_framework.metrics.surface import SAMPLES, Surface, surface_samples

NEAR = 0.005
"""Distance below which a point counts as met, where nothing else is said [m]."""

Distances = Float64[np.ndarray, "samples"]


class SurfaceDistances(NamedTuple):
    """Nearest distances between samples of a true and of a reconstructed surface."""

    truth: Float64[np.ndarray, "samples 3"]
    """Samples of the truth [m]."""
    to_guess: Distances
    """From each sample of the truth to the nearest of the reconstruction [m]."""
    to_truth: Distances
    """From each sample of the reconstruction to the nearest of the truth [m]."""

    def accuracy(self) -> float:
        """Return the mean distance from the reconstruction to the truth [m]."""
        return float(self.to_truth.mean())

    def completeness(self) -> float:
        """Return the mean distance from the truth to the reconstruction [m]."""
        return float(self.to_guess.mean())

    def chamfer(self) -> float:
        """Return the mean of accuracy and completeness [m]; distances are not squared."""
        return (self.accuracy() + self.completeness()) / 2

    def precision(self, tau: float = NEAR) -> float:
        """Return the share of the reconstruction that is nearer than `tau` [m] to the truth."""
        return float((self.to_truth < tau).mean())

    def recall(self, tau: float = NEAR) -> float:
        """Return the share of the truth that is nearer than `tau` [m] to the reconstruction."""
        return float((self.to_guess < tau).mean())

    def fscore(self, tau: float = NEAR) -> float:
        """Return the harmonic mean of precision and recall at `tau` [m]."""
        precision, recall = self.precision(tau), self.recall(tau)
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def two_way(self, diameter: float) -> float:
        """Return the two-way ADD-S of the posed surfaces as a share of the true diameter [m]."""
        return self.chamfer() / diameter


def surface_distances(truth: Surface, guess: Surface, count: int = SAMPLES) -> SurfaceDistances:
    """Return nearest distances between `count` samples of two surfaces in one frame.

    Two samplings of one and the same surface are about 0.4 sqrt(area / count) apart, so this is the smallest distance
    that can be found. Seeds are fixed: 0 for the truth, 1 for the reconstruction.
    """
    from scipy.spatial import KDTree

    of_truth, of_guess = surface_samples(truth, 0, count), surface_samples(guess, 1, count)
    to_guess, _ = KDTree(of_guess).query(of_truth)
    to_truth, _ = KDTree(of_truth).query(of_guess)
    return SurfaceDistances(of_truth, np.asarray(to_guess), np.asarray(to_truth))


def center_distance(truth: Surface, guess: Surface) -> float:
    """Return the distance between the centres of the boxes along the axes around two surfaces [m]."""
    return float(np.linalg.norm(_center(truth) - _center(guess)))


def _center(surface: Surface) -> np.ndarray:
    return (surface.vertices.min(0) + surface.vertices.max(0)) / 2
