"""From errors to recalls: areas under curves and the average recall of the BOP challenge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

THRESHOLDS = tuple(k / 20 for k in range(1, 11))
""".05, .10, ..., .50: thresholds of VSD, and of MSSD as a share of the diameter."""

PIXELS = tuple(5.0 * k for k in range(1, 11))
"""5, 10, ..., 50: thresholds of MSPD in an image 640 pixels wide [px]."""


def area_under_recall(errors: Sequence[float], largest: float = 0.1) -> float:
    """Return the area under recall over the threshold from 0 to `largest`, as a share of the whole.

    It is exact: each error takes part with 1 - error / largest, at least zero (Xiang et al., RSS 2018, use 0.1 m).
    An infinite error, or one that is no number, is a failure.
    """
    values = np.nan_to_num(np.asarray(errors, float), nan=np.inf, posinf=np.inf)
    return float(np.clip(1 - values / largest, 0, 1).mean()) if len(values) else 0.0


def average_recall(errors: Sequence[float], thresholds: Sequence[float]) -> float:
    """Return the mean, over thresholds, of the share of errors below each."""
    values = np.asarray(errors, float)
    return float((values[:, None] < np.asarray(thresholds)).mean()) if len(values) else 0.0


def mssd_recall(errors: Sequence[float], diameters: Sequence[float]) -> float:
    """Return the average recall of MSSD [m] at .05, ..., .50 of each object's diameter [m]."""
    return average_recall([error / size for error, size in zip(errors, diameters, strict=True)], THRESHOLDS)


def mspd_recall(errors: Sequence[float], widths: Sequence[int]) -> float:
    """Return the average recall of MSPD [px] at 5, ..., 50 pixels of an image 640 wide; `widths` are those of each."""
    return average_recall([640 * error / width for error, width in zip(errors, widths, strict=True)], PIXELS)


def bop_average_recall(vsd: float, mssd: float, mspd: float) -> float:
    """Return the mean of the three average recalls (Hodan et al., ECCV 2020 workshops, Sec. 2.4)."""
    return (vsd + mssd + mspd) / 3
