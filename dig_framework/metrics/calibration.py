"""Whether stated uncertainties can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dig_framework.metrics.sample_checks import check_same_length, finite_values


def expected_calibration_error(probabilities: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> float:
    """Return how far stated probabilities are from shares of successes, in the mean over bins of equal width.

    After Guo et al., ICML 2017, Eq. 5; the last bin holds 1, and empty ones do not count.

    Raises:
        InputError: If a probability is none, or there are not as many outcomes.
    """
    check_same_length(probabilities=probabilities, outcomes=outcomes)
    stated, happened = finite_values("probabilities", probabilities, low=0.0, high=1.0), np.asarray(outcomes, float)
    if not len(stated):
        return 0.0
    number = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = [abs(float((stated - happened)[number == index].sum())) for index in range(bins)]
    return sum(gaps) / len(stated)


def area_under_roc(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the probability that a success scores higher than a failure, ties counted half; None without both.

    Raises:
        InputError: If a score is not finite, or there are not as many outcomes.
    """
    from scipy.stats import rankdata

    check_same_length(scores=scores, outcomes=outcomes)
    values, happened = finite_values("scores", scores), np.asarray(outcomes, bool)
    positive, negative = int(happened.sum()), int((~happened).sum())
    if not positive or not negative:
        return None
    above = float(rankdata(values)[happened].sum()) - positive * (positive + 1) / 2
    return above / (positive * negative)


def interval_coverage(low: Sequence[float], high: Sequence[float], truth: Sequence[float]) -> float:
    """Return the share of true values within their stated intervals, bounds included.

    Raises:
        InputError: If there are not as many bounds as true values.
    """
    check_same_length(low=low, high=high, truth=truth)
    values = np.asarray(truth, float)
    inside = (values >= np.asarray(low, float)) & (values <= np.asarray(high, float))
    return float(inside.mean()) if len(inside) else 0.0
