"""Mixtures of Gaussians against scipy's density, their own samples and their marginals."""

import numpy as np
import pytest

from dig_framework.builtin.gaussian_mixture import GaussianMixture, fit_mixture

FLOOR = np.array([0.01, 0.01, 0.01])


def samples(count, seed=0):
    generator = np.random.default_rng(seed)
    one = generator.multivariate_normal([0, 0, 0], np.diag([1, 0.04, 0.25]), count)
    other = generator.multivariate_normal([5, 1, -3], [[0.5, 0.3, 0], [0.3, 0.5, 0], [0, 0, 0.1]], 3 * count)
    return np.concatenate([one, other])


def test_density_is_that_of_scipy():
    from scipy.stats import multivariate_normal

    points = samples(50)
    mixture = fit_mixture(points, FLOOR, 3)
    parts = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    expected = sum(weight * multivariate_normal(mean, covariance).pdf(points) for weight, mean, covariance in parts)
    assert np.allclose(mixture.log_density(points), np.log(expected), atol=1e-9)


def test_recovers_two_gaussians():
    mixture = fit_mixture(samples(400), FLOOR, 2)
    order = np.argsort(mixture.weights)
    assert mixture.weights[order] == pytest.approx([0.25, 0.75], abs=0.03)
    assert np.allclose(mixture.means[order], [[0, 0, 0], [5, 1, -3]], atol=0.15)
    assert np.allclose(mixture.covariances[order][1][:2, :2], [[0.5, 0.3], [0.3, 0.5]], atol=0.08)


def test_unknown_coordinates_are_integrated_out():
    """The density of the first axis alone is the sum of the joint density over a fine grid of the second."""
    mixture = GaussianMixture(
        np.array([0.4, 0.6]), np.array([[0.0, 1.0], [2.0, -1.0]]), np.array([[[1, 0.5], [0.5, 2]], [[0.5, 0], [0, 1]]])
    )
    grid = np.linspace(-12, 12, 4001)
    for value in (-1.0, 0.3, 2.5):
        joint = np.exp(mixture.log_density(np.stack([np.full_like(grid, value), grid], 1)))
        marginal = np.exp(mixture.log_density(np.array([[value]])))
        assert float(marginal[0]) == pytest.approx(float(joint.sum() * (grid[1] - grid[0])), rel=1e-6)


def test_repeatable_and_finite_for_equal_points():
    points = np.ones((30, 3))
    one, other = fit_mixture(points, FLOOR, 4), fit_mixture(points, FLOOR, 4)
    assert np.array_equal(one.means, other.means)
    assert np.isfinite(one.log_density(points)).all()
