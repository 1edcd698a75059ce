"""Mixtures of Gaussians over colour and position, some of whose coordinates may be unknown."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

_ROUNDS = 8


@dataclasses.dataclass(frozen=True)
class GaussianMixture:
    """A density with a handful of full covariances."""

    weights: Float[np.ndarray, "components"]
    means: Float[np.ndarray, "components axes"]
    covariances: Float[np.ndarray, "components axes axes"]

    def log_density(self, points: Float[np.ndarray, "points _"]) -> Float[np.ndarray, "points"]:
        """Return the log density of points; if they have fewer coordinates, of these with the others unknown."""
        return np.logaddexp.reduce(_log_joint(self, points), axis=1)


def fit_mixture(
    points: Float[np.ndarray, "points axes"], floor: Float[np.ndarray, "axes"], components: int, seed: int
) -> GaussianMixture:
    """Return the mixture after some rounds of expectation and maximisation (Dempster, Laird and Rubin 1977).

    Args:
        points: What it is to describe.
        floor: Least standard deviation along each axis; also what makes the axes comparable.
        components: How many Gaussians; fewer if there are few points.
        seed: Of the choice of points to start from.
    """
    generator = np.random.default_rng(seed)
    chosen = points[generator.permutation(len(points))[:2000]]
    components = max(1, min(components, len(chosen) // 10))
    nearest = np.argmin(_squared_distances(chosen / floor, _spread(chosen / floor, components, generator)), 1)
    shares = np.eye(components)[nearest]
    mixture = _maximised(chosen, shares, floor)
    for _ in range(_ROUNDS):
        joint = _log_joint(mixture, chosen)
        mixture = _maximised(chosen, np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None]), floor)
    return mixture


def _log_joint(mixture: GaussianMixture, points: np.ndarray) -> np.ndarray:
    axes = points.shape[1]
    columns = []
    for weight, mean, covariance in zip(mixture.weights, mixture.means, mixture.covariances, strict=True):
        factor = np.linalg.cholesky(covariance[:axes, :axes])
        residuals = np.linalg.solve(factor, (points - mean[:axes]).T)
        spread = 2 * np.log(np.diag(factor)).sum() + axes * np.log(2 * np.pi)
        columns.append(np.log(weight) - 0.5 * (np.square(residuals).sum(0) + spread))
    return np.stack(columns, 1)


def _maximised(points: np.ndarray, shares: np.ndarray, floor: np.ndarray) -> GaussianMixture:
    totals = shares.sum(0) + 1e-6
    means = shares.T @ points / totals[:, None]
    covariances = []
    for index, mean in enumerate(means):
        offsets = points - mean
        covariances.append((offsets * shares[:, index, None]).T @ offsets / totals[index] + np.diag(floor**2))
    return GaussianMixture(totals / totals.sum(), means, np.stack(covariances))


def _spread(points: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return starting points far from each other (k-means++, Arthur and Vassilvitskii 2007)."""
    centers = [points[generator.integers(len(points))]]
    while len(centers) < count:
        distances = _squared_distances(points, np.stack(centers)).min(1) + 1e-12
        centers.append(points[generator.choice(len(points), p=distances / distances.sum())])
    return np.stack(centers)


def _squared_distances(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return np.square(points[:, None, :] - centers[None, :, :]).sum(-1)
