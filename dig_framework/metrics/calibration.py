"""Whether stated uncertainties can be believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def expected_calibration_error(probabilities: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> float:
    """Return how far stated probabilities are from shares of successes, in the mean over bins of equal width.

    After Guo et al., ICML 2017, Eq. 5; the last bin holds 1, and empty ones do not count.
    """
    stated, happened = np.asarray(probabilities, float), np.asarray(outcomes, float)
    if not len(stated):
        return 0.0
    number = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = [abs(float((stated - happened)[number == index].sum())) for index in range(bins)]
    return sum(gaps) / len(stated)


def area_under_roc(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the probability that a success scores higher than a failure, ties counted half; None without both."""
    from scipy.stats import rankdata

    values, happened = np.asarray(scores, float), np.asarray(outcomes, bool)
    positive, negative = int(happened.sum()), int((~happened).sum())
    if not positive or not negative:
        return None
    above = float(rankdata(values)[happened].sum()) - positive * (positive + 1) / 2
    return above / (positive * negative)


def interval_coverage(low: Sequence[float], high: Sequence[float], truth: Sequence[float]) -> float:
    """Return the share of true values within their stated intervals, bounds included."""
    values = np.asarray(truth, float)
    inside = (values >= np.asarray(low, float)) & (values <= np.asarray(high, float))
    return float(inside.mean()) if len(inside) else 0.0
