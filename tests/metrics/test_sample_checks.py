"""Samples of which no figure can be given are refused with a sentence."""

import inspect
import math

import numpy as np
import pytest

from dig_framework.errors import InputError
from dig_framework.metrics.calibration import area_under_roc, expected_calibration_error, interval_coverage
from dig_framework.metrics.image_quality import psnr, ssim
from dig_framework.metrics.intervals import bootstrap_interval, mcnemar, wilson_interval, worst_tenth
from dig_framework.metrics.recall import area_under_recall, average_recall

# The tests' own shape checks would come first.
unchecked_psnr = inspect.unwrap(psnr)
GREY = np.full((12, 12, 3), 0.5)
HOLE = np.where(np.arange(3) == 1, math.nan, GREY)

CASES = [
    (lambda: wilson_interval(6, 5), "6 successes of 5 trials"),
    (lambda: wilson_interval(-1, 5), "-1 successes of 5 trials"),
    (lambda: worst_tenth([], True), "0 values; at least 1"),
    (lambda: worst_tenth([1.0, math.nan], True), "value 1 is nan"),
    (lambda: mcnemar([True, False], [True]), "first has 2, second has 1"),
    (lambda: bootstrap_interval([], [], 0), "0 values; at least 1"),
    (lambda: bootstrap_interval([1.0, 2.0], [0], 0), "values has 2, scenes has 1"),
    (lambda: bootstrap_interval([1.0, math.inf], [0, 1], 0), "value 1 is inf"),
    (lambda: expected_calibration_error([0.3, 0.5], [True]), "probabilities has 2, outcomes has 1"),
    (lambda: expected_calibration_error([0.3, 1.5], [True, False]), r"value 1 is 1.5; every value must be in \[0, 1\]"),
    (lambda: area_under_roc([math.nan, 0.5], [True, False]), "value 0 is nan"),
    (lambda: interval_coverage([0.0], [1.0], [0.5, 0.6]), "low has 1, high has 1, truth has 2"),
    (lambda: psnr(GREY, HOLE), "the second image holds values that are not finite"),
    (lambda: ssim(HOLE, GREY), "the first image holds values that are not finite"),
    (lambda: unchecked_psnr(GREY, GREY[:, :1]), r"shapes \[12, 12, 3\] and \[12, 1, 3\]"),
]


@pytest.mark.parametrize(("call", "message"), CASES)
def test_what_has_no_figure_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_errors_that_are_no_numbers_are_failures():
    assert area_under_recall([math.nan, 0.0]) == area_under_recall([math.inf, 0.0]) == 0.5
    assert average_recall([math.nan, 0.0], [0.1]) == average_recall([math.inf, 0.0], [0.1]) == 0.5
