"""How far a body without rotation falls and slides, in closed form."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float


def fall_time(height: float, acceleration: float) -> float:
    """Return the time [s] to fall a height [m] from rest; infinite without a downward acceleration [m/s^2]."""
    return math.sqrt(2 * max(height, 0.0) / acceleration) if acceleration > 0 else math.inf


def slide_offset(
    velocity: Float[np.ndarray, "3"],
    gravity: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    friction: float,
    duration: float,
) -> Float[np.ndarray, "3"]:
    """Return the displacement [m] on a plane under Coulomb friction.

    A body at rest starts only if the slope's tangent exceeds the coefficient, and then gains
    a = g (sin theta - mu cos theta); one that slides slower and slower stops for good.

    Args:
        velocity: At the start [m/s]; along the plane, zero or parallel to gravity's share in it.
        gravity: Acceleration [m/s^2].
        normal: Unit normal of the plane.
        friction: Coulomb coefficient mu.
        duration: Time [s].
    """
    press = max(-float(gravity @ normal), 0.0)
    along = gravity - (gravity @ normal) * normal
    pull, speed = float(np.linalg.norm(along)), float(np.linalg.norm(velocity))
    gain = pull - friction * press
    if speed < 1e-12 and gain <= 0:
        return np.zeros(3)
    direction = along / pull if pull > 0 else velocity / speed
    time = duration if gain >= 0 else min(duration, speed / -gain)
    return direction * (speed * time + 0.5 * gain * time**2)
