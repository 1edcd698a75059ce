"""Powers of many numbers side by side, by arithmetic that vector instructions can do.

A number b = 2^n m with m in [1, 2) has log2(b) = n + 2 / ln 2 (s + s^3 / 3 + s^5 / 5 + ...) with s = (m - r) / (m + r)
about r = sqrt 2, where log2(r) = 1/2 is added; and 2^y = 2^n 2^f with n the nearest whole number to y and 2^f by its
power series. Both series are cut where float64 no longer sees the rest.
"""

from __future__ import annotations

import math

import numpy as np

from dig_framework.kernel import kernel

ROOM = 128
"""Numbers that are worked on at once."""
_LN2, _ROOT = math.log(2), math.sqrt(2)
_MANTISSA = (1 << 52) - 1
_ONE = 1023 << 52
_WHOLE = 0x433 << 52
"""The bits of 2^52: a whole number in the bits below them is added to it."""
_TO_WHOLE = 2.0**52 + 1023
_ROUNDING = 1.5 * 2.0**52
"""Added to a number below 2^51 it leaves no bits for what is behind the point."""
_LEAST = -1000.0
"""Exponents of two are kept above this, where numbers are still normal."""

_L1, _L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17, _L19, _L21 = (2 / _LN2 / k for k in range(1, 22, 2))
_E = tuple(_LN2**k / math.factorial(k) for k in range(14))
_E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = _E[1:]


@kernel
def wide_powers(numbers, count, exponent):
    """Replace positive, normal numbers by their powers, and write their natural logarithms behind them.

    Args:
        numbers: `count` numbers of [3 * ROOM]; receives their powers in place, logarithms from `ROOM` on, and what it
            needs for itself behind these, float64; `narrow_powers` does the same in float32.
        count: Of the numbers, at most `ROOM`.
        exponent: Of every power, in the same dtype.
    """
    bits = numbers.view(np.int64)
    _split(bits, count)
    _logarithms(numbers, count, exponent)
    _scales(bits, count)
    _exponentials(numbers, count)


@kernel
def _split(bits, count):
    """Fill the mantissas, and whole exponents added to 2^52."""
    for i in range(count):
        number = bits[i]
        bits[ROOM + i] = (number & _MANTISSA) | _ONE
        bits[2 * ROOM + i] = (number >> 52) | _WHOLE


@kernel
def _logarithms(numbers, count, exponent):
    """Fill natural logarithms, rounded exponents of two of the powers, and what rounding left of them."""
    for i in range(count):
        mantissa, whole = numbers[ROOM + i], numbers[2 * ROOM + i] - _TO_WHOLE
        s = (mantissa - _ROOT) / (mantissa + _ROOT)
        q = s * s
        total = _L11 + q * (_L13 + q * (_L15 + q * (_L17 + q * (_L19 + q * _L21))))
        total = _L1 + q * (_L3 + q * (_L5 + q * (_L7 + q * (_L9 + q * total))))
        logarithm = whole + 0.5 + s * total
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
        bits[2 * ROOM + i] = (bits[2 * ROOM + i] + 1023) << 52


@kernel
def _exponentials(numbers, count):
    for i in range(count):
        f = numbers[i]
        total = _E7 + f * (_E8 + f * (_E9 + f * (_E10 + f * (_E11 + f * (_E12 + f * _E13)))))
        total = 1.0 + f * (_E1 + f * (_E2 + f * (_E3 + f * (_E4 + f * (_E5 + f * (_E6 + f * total))))))
        numbers[i] = total * numbers[2 * ROOM + i]
