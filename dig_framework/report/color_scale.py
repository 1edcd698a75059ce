"""Colour scales for measured quantities, and one colour an object."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, UInt8

_OBJECT_COLORS = (
    *((230, 111, 28), (0, 126, 185), (0, 158, 115), (204, 90, 160), (214, 170, 20), (120, 94, 200)),
    *((86, 180, 233), (190, 60, 50), (110, 130, 40), (120, 85, 60)),
)


def object_color(index: int) -> tuple[int, int, int]:
    """Return the sRGB colour by which an object is known in every picture of a report."""
    return _OBJECT_COLORS[index % len(_OBJECT_COLORS)]


def css_color(index: int) -> str:
    """Return the object's colour for a style sheet."""
    return "#{:02x}{:02x}{:02x}".format(*object_color(index))


@dataclasses.dataclass(frozen=True)
class ColorScale:
    """Colours along a range of values; what lies outside gets the colour of the nearer end."""

    low: float
    high: float
    unit: str
    stops: tuple[tuple[int, int, int], ...]
    """sRGB, evenly spaced."""
    absent: tuple[int, int, int] = (38, 40, 43)
    """Where there is no value."""

    def colors(self, values: Float[np.ndarray, "*shape"]) -> UInt8[np.ndarray, "*shape 3"]:
        """Return the colour of each value; NaN gets that of absence."""
        position = np.clip((values - self.low) / max(self.high - self.low, 1e-12), 0, 1)
        known = np.isfinite(position)
        places, stops = np.linspace(0, 1, len(self.stops)), np.array(self.stops, float)
        channels = [np.interp(np.where(known, position, 0), places, stops[:, channel]) for channel in range(3)]
        shown = np.where(known[..., None], np.stack(channels, -1), np.array(self.absent, float))
        return shown.round().astype(np.uint8)

    def ticks(self, count: int = 5) -> list[tuple[float, str]]:
        """Return positions in [0, 1] and labels."""
        values = np.linspace(self.low, self.high, count)
        digits = max(0, 1 - int(np.floor(np.log10(max(self.high - self.low, 1e-9)))))
        return [(i / (count - 1), f"{value:.{digits}f}") for i, value in enumerate(values)]


def depth_scale(low: float, high: float) -> ColorScale:
    """Return colours for distances [m]: near is light."""
    stops = ((253, 231, 37), (122, 209, 81), (34, 168, 132), (42, 120, 142), (65, 68, 135), (68, 1, 84))
    return ColorScale(low, high, "m", stops)


def height_scale(high: float) -> ColorScale:
    """Return colours for heights above the table [mm]; the table itself is grey."""
    stops = ((120, 122, 124), (52, 94, 140), (32, 144, 140), (94, 201, 98), (210, 226, 27), (253, 240, 150))
    return ColorScale(0.0, high, "mm", stops)


def error_scale(limit: float) -> ColorScale:
    """Return colours for signed depth errors [mm]: blue is in front of what was measured, red behind."""
    stops = ((20, 70, 160), (90, 150, 215), (240, 240, 238), (226, 120, 90), (160, 25, 35))
    return ColorScale(-limit, limit, "mm", stops)
