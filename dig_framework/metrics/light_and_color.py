"""How well lights and reflectances were recovered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Float64

from dig_framework.light import AmbientLight, DirectionalLight, Light, LightSource


def strongest_direction(lights: Sequence[LightSource], place: Float64[np.ndarray, "3"]) -> np.ndarray | None:
    """Return the unit direction towards most light at a place in the scene; None without a directed light.

    It is the sum of each light's direction times its mean intensity; of light from all around, its linear part.
    """
    total = sum((_directed(light, place) for light in lights), np.zeros(3))
    length = float(np.linalg.norm(total))
    return total / length if length > 0 else None


def angle_between(first: Float64[np.ndarray, "3"], second: Float64[np.ndarray, "3"]) -> float:
    """Return the angle between two directions of any length but zero [rad]; exact for small angles too."""
    return float(np.arctan2(np.linalg.norm(np.cross(first, second)), np.dot(first, second)))


def albedo_error(
    guess: Float[np.ndarray, "height width 3"],
    truth: Float[np.ndarray, "height width 3"],
    region: Bool[np.ndarray, "height width"],
) -> float | None:
    """Return the root mean square error of reflectance under the one factor that makes it smallest; None of nothing.

    The factor is shared by all channels (Grosse et al., ICCV 2009, Sec. 5, without windows), so that brightness,
    which light and reflectance share, is not judged, but hue is.
    """
    a, b = guess[region].astype(np.float64), truth[region].astype(np.float64)
    if not len(a):
        return None
    factor = float((a * b).sum() / (a * a).sum()) if (a * a).sum() > 0 else 0.0
    return float(np.sqrt(np.square(factor * a - b).mean()))


def _directed(light: LightSource, place: np.ndarray) -> np.ndarray:
    if isinstance(light, AmbientLight):
        # Real harmonics of degree one are proportional to y, z and x, in this order.
        y, z, x = light.coefficients.detach().cpu().double().numpy()[1:4].mean(1)
        # Its vector irradiance, in multiples of that of a directed light of intensity one, which is pi.
        return np.sqrt(4 / (3 * np.pi)) * np.array([x, y, z])
    assert isinstance(light, (Light, DirectionalLight))
    strength = float(light.intensity.mean())
    towards = light.direction if isinstance(light, DirectionalLight) else light.position
    vector = towards.detach().cpu().double().numpy() - (0 if isinstance(light, DirectionalLight) else place)
    return strength * vector / max(float(np.linalg.norm(vector)), 1e-12)
