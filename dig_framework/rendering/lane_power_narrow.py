"""Powers of many float32 numbers side by side, and the choice between these and those in float64.

The formulas are those of `lane_power`, with mantissas in [sqrt 1/2, sqrt 2), so that logarithms of numbers near one are
as exact as the numbers, and with series cut where float32 no longer sees the rest.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from dig_framework.kernel import kernel
from dig_framework.rendering.lane_power import ROOM, wide_powers

_LN2 = np.float32(math.log(2))
_HALF_BITS = np.int32(np.float32(math.sqrt(0.5)).view(np.int32))
"""The bits of sqrt 1/2."""
_MANTISSA_BITS, _BIAS = np.int32(23), np.int32(127)
_ROUNDING = np.float32(1.5 * 2**23)
"""Added to a number below 2^22 it leaves no bits for what is behind the point."""
_LEAST = np.float32(-125.0)
"""Exponents of two are kept above this, where numbers are still normal."""
_ONE = np.float32(1.0)
_L1, _L3, _L5, _L7, _L9 = (np.float32(2 / math.log(2) / k) for k in range(1, 10, 2))
_E1, _E2, _E3, _E4, _E5, _E6, _E7 = (np.float32(math.log(2) ** k / math.factorial(k)) for k in range(1, 8))


def powers(numbers: Any, count: int, exponent: Any) -> None:
    """Replace numbers by their powers, as `wide_powers` does, in their own dtype; for use in kernels."""
    (wide_powers if numbers.dtype == np.float64 else narrow_powers)(numbers, count, exponent)


@overload(powers, jit_options={"error_model": "numpy"}, inline="always", strict=False)
def _chosen(numbers: Any, count: Any, exponent: Any) -> Any:
    if numbers.dtype == types.float64:
        return lambda numbers, count, exponent: wide_powers(numbers, count, exponent)
    return lambda numbers, count, exponent: narrow_powers(numbers, count, exponent)


@kernel
def narrow_powers(numbers, count, exponent):
    """Do what `wide_powers` does, for float32."""
    bits = numbers.view(np.int32)
    _split(bits, count)
    _logarithms(numbers, count, exponent)
    _scales(bits, count)
    _exponentials(numbers, count)


@kernel
def _split(bits, count):
    """Fill the mantissas, and whole exponents."""
    for i in range(count):
        number = bits[i]
        whole = np.int32(number - _HALF_BITS) >> _MANTISSA_BITS
        bits[ROOM + i] = number - np.int32(whole << _MANTISSA_BITS)
        bits[2 * ROOM + i] = whole


@kernel
def _logarithms(numbers, count, exponent):
    """Fill natural logarithms, rounded exponents of two of the powers, and what rounding left of them."""
    wholes = numbers.view(np.int32)
    for i in range(count):
        mantissa, whole = numbers[ROOM + i], np.float32(wholes[2 * ROOM + i])
        s = (mantissa - _ONE) / (mantissa + _ONE)
        q = s * s
        logarithm = whole + s * (_L1 + q * (_L3 + q * (_L5 + q * (_L7 + q * _L9))))
        numbers[ROOM + i] = logarithm * _LN2
        y = exponent * logarithm
        y = y if y > _LEAST else _LEAST
        shifted = y + _ROUNDING
        numbers[2 * ROOM + i] = shifted
        numbers[i] = y - (shifted - _ROUNDING)


@kernel
def _scales(bits, count):
    """Turn rounded exponents into powers of two."""
    for i in range(count):
        bits[2 * ROOM + i] = np.int32(bits[2 * ROOM + i] + _BIAS) << _MANTISSA_BITS


@kernel
def _exponentials(numbers, count):
    for i in range(count):
        f = numbers[i]
        total = _E2 + f * (_E3 + f * (_E4 + f * (_E5 + f * (_E6 + f * _E7))))
        numbers[i] = (_ONE + f * (_E1 + f * total)) * numbers[2 * ROOM + i]
