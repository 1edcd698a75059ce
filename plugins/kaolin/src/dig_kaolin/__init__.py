"""Rendering by NVIDIA Kaolin."""

from dig_kaolin.renderer import KaolinRenderer

__all__ = ["KaolinRenderer"]
