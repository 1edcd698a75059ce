"""Intervals, tests and calibration against closed forms and scipy."""

import numpy as np
import pytest

from dig_framework.metrics.calibration import area_under_roc, expected_calibration_error, interval_coverage
from dig_framework.metrics.intervals import bootstrap_interval, mcnemar, mean, median, wilson_interval, worst_tenth


def test_wilson_interval_of_the_published_success_rate():
    low, high = wilson_interval(200, 224)
    assert (round(100 * low, 1), round(100 * high, 1)) == (84.6, 92.7)
    assert wilson_interval(0, 10).low == 0.0
    assert wilson_interval(10, 10).high == pytest.approx(1)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_wilson_interval_agrees_with_scipy():
    from scipy.stats import binomtest

    expected = binomtest(17, 40).proportion_ci(0.9, method="wilson")
    assert wilson_interval(17, 40, 0.9) == pytest.approx((expected.low, expected.high))


def test_bootstrap_of_a_mean_is_as_wide_as_theory_says():
    values = np.random.default_rng(0).normal(3, 1, 400)
    low, high = bootstrap_interval(values.tolist(), range(400), seed=1)
    assert (high - low) == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.08)
    assert low < 3 < high
    assert bootstrap_interval(values.tolist(), range(400), seed=1) == (low, high)


def test_objects_of_one_scene_are_drawn_together():
    values = np.repeat(np.random.default_rng(0).normal(size=30), 10).tolist()
    scenes = np.repeat(np.arange(30), 10).tolist()
    by_scene, apart = bootstrap_interval(values, scenes, 0), bootstrap_interval(values, range(300), 0)
    assert (by_scene.high - by_scene.low) / (apart.high - apart.low) == pytest.approx(np.sqrt(10), rel=0.15)


def test_corrected_bootstrap_agrees_with_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(4).exponential(size=60)
    expected = bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(0))
    found = bootstrap_interval(values.tolist(), range(60), 0, mean, kind="bca")
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert found == pytest.approx(tuple(expected.confidence_interval), abs=0.06 * width)
    assert found.high > bootstrap_interval(values.tolist(), range(60), 0).high


def test_one_scene_or_equal_values_leave_no_room():
    assert bootstrap_interval([2.0, 4.0], ["a", "a"], 0, median) == (3.0, 3.0)
    assert bootstrap_interval([2.0] * 5, range(5), 0, kind="bca") == (2.0, 2.0)


def test_medians_of_draws_are_those_of_a_plain_loop():
    values = np.random.default_rng(2).normal(size=23).tolist()
    scenes = [k % 7 for k in range(23)]
    plain = bootstrap_interval(values, scenes, 5, lambda drawn: float(np.median(drawn)))
    assert bootstrap_interval(values, scenes, 5, median) == pytest.approx(plain, abs=1e-12)
    plain = bootstrap_interval(values, scenes, 5, lambda drawn: float(np.mean(drawn)))
    assert bootstrap_interval(values, scenes, 5) == pytest.approx(plain, abs=1e-12)


def test_paired_outcomes():
    first, second = [True] * 10 + [False] * 10, [True] * 8 + [False] * 12
    # Two against none: as likely as two equal throws of a coin, twice.
    assert mcnemar(first, second) == pytest.approx(0.5)
    assert mcnemar(first, first) == 1.0
    assert mcnemar([False] * 12, [True] * 12) == pytest.approx(2 * 0.5**12)


def test_worst_tenth_looks_at_the_bad_end():
    values = [float(k) for k in range(11)]
    assert worst_tenth(values, higher_is_better=True) == 1
    assert worst_tenth(values, higher_is_better=False) == 9


def test_calibration():
    assert expected_calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert expected_calibration_error([1.0, 1.0, 0.0, 0.0], [False] * 4) == pytest.approx(0.5)
    # Bins of .05 and .95: |.05 - 0| and |.95 - .5| weigh two each.
    assert expected_calibration_error([0.05, 0.05, 0.95, 0.95], [False, False, True, False]) == pytest.approx(0.25)
    assert expected_calibration_error([], []) == 0.0


def test_ranking():
    assert area_under_roc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == pytest.approx(0.75)
    assert area_under_roc([1.0, 1.0, 1.0, 1.0], [False, True, False, True]) == pytest.approx(0.5)
    assert area_under_roc([1.0, 2.0], [True, True]) is None


def test_coverage():
    assert interval_coverage([0.0] * 3, [1.0] * 3, [0.5, 1.0, 1.1]) == pytest.approx(2 / 3)
