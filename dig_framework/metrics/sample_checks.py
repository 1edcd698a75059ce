"""Refusal of samples of which no figure can be given."""

from __future__ import annotations

from collections.abc import Sequence, Sized

import numpy as np
from jaxtyping import Float64

from dig_framework.errors import InputError


def finite_values(
    name: str, values: Sequence[float], fewest: int = 0, low: float = -np.inf, high: float = np.inf
) -> Float64[np.ndarray, "values"]:
    """Return a sample as an array.

    Args:
        name: What it is called in an error.
        values: Of the sample.
        fewest: How many there must be.
        low: Least that a value may be.
        high: Most that a value may be.

    Raises:
        InputError: If there are fewer values, or one is not finite or beyond the bounds.
    """
    array = np.asarray(values, float).reshape(-1)
    if len(array) < fewest:
        raise InputError(f"{name}: {len(array)} values; at least {fewest} are needed.")
    wrong = np.flatnonzero(~(np.isfinite(array) & (array >= low) & (array <= high)))
    if len(wrong):
        bounds = "finite" if low == -np.inf and high == np.inf else f"in [{low:g}, {high:g}]"
        raise InputError(f"{name}: value {wrong[0]} is {array[wrong[0]]:g}; every value must be {bounds}.")
    return array


def check_same_length(**samples: Sized) -> None:
    """Refuse samples of different lengths.

    Raises:
        InputError: If they differ.
    """
    lengths = {name: len(values) for name, values in samples.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise InputError(f"values that belong together differ in number: {shown}.")


def check_same_shape(first: np.ndarray, second: np.ndarray) -> None:
    """Refuse images of different shapes, or with values that are not finite.

    Raises:
        InputError: If they are.
    """
    if first.shape != second.shape:
        raise InputError(f"images of shapes {list(first.shape)} and {list(second.shape)} cannot be compared.")
    for name, image in (("first", first), ("second", second)):
        if not np.isfinite(image).all():
            raise InputError(f"the {name} image holds values that are not finite, and cannot be compared.")
