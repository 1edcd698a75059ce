"""How surfaces are drawn."""

from __future__ import annotations

import dataclasses

from dig_framework.shading.model import ShadingName


@dataclasses.dataclass(frozen=True)
class Brush:
    """What the renderer's settings say."""

    samples: int
    reflectance: ShadingName
    shadows: bool
    light_radius: float
    """[m]"""
    ambient_reach: float
    """How far surfaces keep ambient light from others [m]."""
    seed: int
    background: tuple[float, float, float]
    near: float
    """[m]"""
