"""Powers and logarithms of many numbers, against the library's."""

import numpy as np
import pytest

from dig_framework.rendering.lane_power import ROOM, powers


@pytest.mark.parametrize("exponent", [0.0, 1e-3, 1.0, 7.5, 200.0, 1e4])
@pytest.mark.parametrize("count", [1, 7, ROOM])
def test_powers_and_logarithms_are_exact_to_rounding(exponent, count):
    generator = np.random.default_rng(0)
    numbers = np.exp(-generator.random(count) * generator.choice([1e-6, 1e-2, 1.0, 20.0], count))
    numbers[0] = 1.0
    buffer = np.full(3 * ROOM, np.nan)
    buffer[:count] = numbers
    powers(buffer, count, exponent)
    expected = numbers**exponent
    # The error of a power is that of its logarithm, times the exponent.
    bound = 1e-15 * (4 + 4 * exponent) * expected + 1e-300
    assert (np.abs(buffer[:count] - expected) <= bound).all()
    assert np.allclose(buffer[ROOM : ROOM + count], np.log(numbers), rtol=1e-14, atol=4e-15)
    assert np.isnan(buffer[count:ROOM]).all()
