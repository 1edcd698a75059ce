"""How sure a figure is: intervals and paired tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from dig_framework.errors import InputError
from dig_framework.metrics.sample_checks import check_same_length, finite_values

RESAMPLES = 2000
"""How often the bootstrap draws scenes."""

Statistic = Callable[[Float64[np.ndarray, "values"]], float]


class Interval(NamedTuple):
    """Bounds between which a figure is believed to lie."""

    low: float
    high: float


def mean(values: Float64[np.ndarray, "values"]) -> float:
    """Return the mean."""
    return float(np.mean(values))


def median(values: Float64[np.ndarray, "values"]) -> float:
    """Return the median."""
    return float(np.median(values))


def worst_tenth(values: Sequence[float], higher_is_better: bool) -> float:
    """Return the value that nine of ten do better than: the 10th percentile, the 90th of what should be small.

    Raises:
        InputError: If there is no value, or one is not finite.
    """
    return float(np.percentile(finite_values("worst tenth", values, 1), 10 if higher_is_better else 90))


def bootstrap_interval(
    values: Sequence[float],
    scenes: Sequence[Hashable],
    seed: int,
    statistic: Statistic = mean,
    level: float = 0.95,
    kind: Literal["percentile", "bca"] = "percentile",
) -> Interval:
    """Return a bootstrap interval; whole scenes are drawn, since objects of one scene share its conditions.

    Args:
        values: Of all objects.
        scenes: Which scene each is of.
        seed: Of the draws.
        statistic: What is to be bounded.
        level: How often the interval should hold the true figure.
        kind: `percentile`, or `bca` with Efron's correction for bias and skewness (JASA 1987, Eq. 2.3).

    Raises:
        InputError: If there is no value, one is not finite, or there are more or fewer scenes than values.
    """
    data = finite_values("bootstrap", values, 1)
    check_same_length(values=values, scenes=scenes)
    groups = _groups(scenes)
    random = np.random.default_rng(seed)
    draws = random.integers(len(groups), size=(RESAMPLES, len(groups)))
    found = _drawn(data, groups, draws, statistic)
    tail = (1 - level) / 2
    shares = (tail, 1 - tail) if kind == "percentile" else _corrected(data, groups, statistic, found, tail)
    low, high = np.quantile(found, shares)
    return Interval(float(low), float(high))


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Return the interval of a share of successes (Wilson, JASA 1927); all of [0, 1] without a trial.

    Raises:
        InputError: If there are more successes than trials, or fewer than none.
    """
    from scipy.stats import norm

    if not 0 <= successes <= trials:
        raise InputError(f"{successes} successes of {trials} trials cannot be; they must be 0 to {trials}.")
    if not trials:
        return Interval(0.0, 1.0)
    z = float(norm.ppf((1 + level) / 2))
    share, weight = successes / trials, 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / weight
    reach = z / weight * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return the probability that paired outcomes differ this much by chance (exact, two-sided; McNemar 1947).

    Raises:
        InputError: If there are not as many of one as of the other.
    """
    from scipy.stats import binomtest

    check_same_length(first=first, second=second)
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    gained, lost = int((b & ~a).sum()), int((a & ~b).sum())
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def _drawn(data: np.ndarray, groups: list[np.ndarray], draws: np.ndarray, statistic: Statistic) -> np.ndarray:
    """Return a statistic of every draw; of the usual two without making the draws one by one."""
    if statistic is mean:
        sums, sizes = (np.array([measure(data[group]) for group in groups], float) for measure in (np.sum, len))
        return sums[draws].sum(1) / sizes[draws].sum(1)
    if statistic is median:
        return _medians(data, groups, draws)
    return np.array([statistic(data[np.concatenate([groups[index] for index in row])]) for row in draws])


def _medians(data: np.ndarray, groups: list[np.ndarray], draws: np.ndarray) -> np.ndarray:
    """Return the median of every draw, from how often it holds each value."""
    scene = np.empty(len(data), np.int64)
    for number, group in enumerate(groups):
        scene[group] = number
    order = np.argsort(data, kind="stable")
    times = np.stack([np.bincount(row, minlength=len(groups)) for row in draws])[:, scene[order]].cumsum(1)
    total = times[:, -1:]
    lower, upper = ((times >= place).argmax(1) for place in ((total + 1) // 2, total // 2 + 1))
    return (data[order[lower]] + data[order[upper]]) / 2


def _groups(scenes: Sequence[Hashable]) -> list[Int64[np.ndarray, "members"]]:
    members: dict[Hashable, list[int]] = {}
    for position, scene in enumerate(scenes):
        members.setdefault(scene, []).append(position)
    return [np.array(item, np.int64) for item in members.values()]


def _corrected(data: np.ndarray, groups: list[np.ndarray], statistic: Statistic, found: np.ndarray,
               tail: float) -> tuple[float, float]:  # fmt: skip
    """Return the shares of the draws at which a corrected interval ends."""
    from scipy.stats import norm

    if len(groups) < 2 or np.ptp(found) == 0:
        return tail, 1 - tail
    estimate = statistic(data)
    below = (np.count_nonzero(found < estimate) + np.count_nonzero(found <= estimate)) / (2 * len(found))
    bias = float(norm.ppf(np.clip(below, 1e-9, 1 - 1e-9)))
    without = np.array([statistic(data[np.concatenate(groups[:k] + groups[k + 1 :])]) for k in range(len(groups))])
    lean = without.mean() - without
    spread = float((lean**2).sum()) ** 1.5
    skew = float((lean**3).sum()) / (6 * spread) if spread else 0.0
    ends = [bias + (bias + float(norm.ppf(share))) / (1 - skew * (bias + float(norm.ppf(share))))
            for share in (tail, 1 - tail)]  # fmt: skip
    return float(norm.cdf(ends[0])), float(norm.cdf(ends[1]))
