"""Mixtures of Gaussians over colour and position, some of whose coordinates may be unknown."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

_ROUNDS = 8
_POINTS = 2000


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
    points: Float[np.ndarray, "points axes"], floor: Float[np.ndarray, "axes"], components: int
) -> GaussianMixture:
    """Return the mixture after some rounds of expectation and maximisation (Dempster, Laird and Rubin 1977).

    Nothing is drawn at random: the same points give the same mixture.

    Args:
        points: What it is to describe; of many, evenly spaced ones are used.
        floor: Least standard deviation along each axis; also what makes the axes comparable.
        components: How many Gaussians; fewer if there are few points.
    """
    chosen = points[np.linspace(0, len(points) - 1, min(len(points), _POINTS)).round().astype(int)]
    parts = _parts(chosen / floor, max(1, min(components, len(chosen) // 10)))
    mixture = _maximised(chosen, np.eye(parts.max() + 1)[parts], floor)
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


def _parts(points: np.ndarray, count: int) -> Int[np.ndarray, "points"]:
    """Return a first partition: whichever part scatters most is cut at its mean, across its longest axis, in turn.

    Such a start is about as good as the better ones of random starts (PCA-Part, Su and Dy 2007).
    """
    parts = [np.arange(len(points))]
    while len(parts) < count:
        widest = parts.pop(int(np.argmax([points[part].var(0).sum() * len(part) for part in parts])))
        offsets = points[widest] - points[widest].mean(0)
        far = offsets @ np.linalg.eigh(offsets.T @ offsets).eigenvectors[:, -1] > 0
        if far.all() or not far.any():
            parts.append(widest)
            break
        parts += [widest[far], widest[~far]]
    owners = np.zeros(len(points), int)
    for index, part in enumerate(parts):
        owners[part] = index
    return owners
