"""The sRGB transfer function."""

import pytest
import torch

from dig_framework.color_space import linear_from_srgb, srgb_from_linear

# The standard's own decoding, written out for single numbers (IEC 61966-2-1).
REFERENCE = {0.0: 0.0, 0.02: 0.02 / 12.92, 0.04045: 0.04045 / 12.92, 0.5: ((0.5 + 0.055) / 1.055) ** 2.4, 1.0: 1.0}


@pytest.mark.parametrize(("encoded", "linear"), REFERENCE.items())
def test_reference_values(encoded, linear):
    assert float(linear_from_srgb(torch.tensor(encoded, dtype=torch.float64))) == pytest.approx(linear, abs=1e-12)
    assert float(srgb_from_linear(torch.tensor(linear, dtype=torch.float64))) == pytest.approx(encoded, abs=1e-6)


def test_every_byte_survives():
    byte = torch.arange(256)
    assert torch.equal((srgb_from_linear(linear_from_srgb(byte / 255)) * 255).round().long(), byte)


def test_monotonous_and_clipped():
    linear = torch.linspace(-0.5, 1.5, 1001, dtype=torch.float64)
    encoded = srgb_from_linear(linear)
    assert bool((encoded.diff() >= 0).all())
    assert float(encoded[0]) == 0.0
    assert float(encoded[-1]) == pytest.approx(1.0, abs=1e-15)


def test_gradients_are_finite_at_the_joint_and_at_zero():
    value = torch.tensor([0.0, 0.0031308, 0.04045, 0.2, 1.0], dtype=torch.float64, requires_grad=True)
    (linear_from_srgb(value).sum() + srgb_from_linear(value).sum()).backward()
    assert bool(value.grad.isfinite().all())
