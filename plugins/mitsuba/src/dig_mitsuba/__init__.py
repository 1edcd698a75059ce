"""Ray-traced images by Mitsuba 3."""

from dig_mitsuba.renderer import MitsubaRenderer

__all__ = ["MitsubaRenderer"]
