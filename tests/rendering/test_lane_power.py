"""Powers and logarithms of many numbers, against the library's."""

import numpy as np
import pytest

from dig_framework.rendering.lane_power import ROOM, wide_powers
from dig_framework.rendering.lane_power_narrow import narrow_powers


@pytest.mark.parametrize("exponent", [0.0, 1e-3, 1.0, 7.5, 200.0, 1e4])
@pytest.mark.parametrize("count", [1, 7, ROOM])
@pytest.mark.parametrize(
    ("powers", "dtype", "rounding", "least"),
    [(wide_powers, np.float64, 1e-15, 1e-300), (narrow_powers, np.float32, 2e-7, 1e-37)],
)
def test_powers_and_logarithms_are_exact_to_rounding(exponent, count, powers, dtype, rounding, least):
    generator = np.random.default_rng(0)
    numbers = np.exp(-generator.random(count) * generator.choice([1e-6, 1e-2, 1.0, 20.0], count))
    numbers[0] = 1.0
    buffer = np.full(3 * ROOM, np.nan, dtype)
    buffer[:count] = numbers
    numbers = buffer[:count].astype(np.float64)
    powers(buffer, count, dtype(exponent))
    expected = numbers**exponent
    # The error of a power is that of its logarithm, times the exponent.
    bound = rounding * (4 + 4 * exponent) * expected + least
    assert (np.abs(buffer[:count] - expected) <= bound).all()
    assert np.allclose(buffer[ROOM : ROOM + count], np.log(numbers), rtol=10 * rounding, atol=4 * rounding)
    assert np.isnan(buffer[count:ROOM]).all()
