import pytest

from dig_framework.bench import BENCHES
from dig_framework.bench.scenes import start_and_each


def test_is_listed():
    assert BENCHES["scenes"] == "dig_framework.bench.scenes"


def test_start_is_told_from_scenes():
    assert start_and_each((2, 8), (10 + 2 * 3.0, 10 + 8 * 3.0)) == pytest.approx((10, 3))


def test_a_noisy_machine_gives_no_negative_time():
    assert start_and_each((2, 8), (20.0, 16.0)) == (0.0, 2.0)
    assert start_and_each((2, 8), (1.0, 16.0)) == (0.0, 2.0)
