"""What a colour camera makes of radiance."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

Color = Float[np.ndarray, "height width 3"]


@dataclasses.dataclass(frozen=True)
class ColorSensor:
    """Numbers of a colour camera; zeros switch an error off.

    The noise of linear light i has the variance shot i + read^2 (Foi et al., "Practical Poissonian-Gaussian Noise
    Modeling and Fitting for Single-Image Raw-Data", IEEE TIP 2008, Eq. 1).
    """

    shot: float = 0.0
    read: float = 0.0
    blur: float = 0.0
    """Standard deviation of the lens's spot [px]."""
    exposure: float = 0.0
    """Standard deviation of the exposure's logarithm to the base 2, about one that shows all but highlights."""
    balance: float = 0.0
    """Standard deviation of the gains of red and blue."""


def photographed(radiance: Color, sensor: ColorSensor, rng: np.random.Generator) -> tuple[Color, float]:
    """Return linear RGB in [0, 1] as the camera gives it, and the factor from radiance to it without white balance.

    An ideal camera changes nothing but to clip.
    """
    import cv2

    if sensor == ColorSensor():
        return np.clip(radiance, 0, 1), 1.0
    bright = float(np.quantile(radiance.max(-1), 0.98))
    gain = 0.85 / max(bright, 1e-3) * 2.0 ** float(sensor.exposure * rng.standard_normal())
    gains = gain * (1 + sensor.balance * rng.standard_normal(3) * [1, 0, 1])
    light = np.clip(radiance * gains, 0, 4)
    if sensor.blur > 0:
        light = cv2.GaussianBlur(light, (0, 0), sensor.blur)
    noisy = light + np.sqrt(sensor.shot * light + sensor.read**2) * rng.standard_normal(light.shape)
    return np.clip(noisy, 0, 1), gain
