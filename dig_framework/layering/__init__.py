"""Images with soft silhouettes from any rasteriser that tells which face is seen at pixel centres."""

from dig_framework.layering.draw import draw_layers
from dig_framework.layering.rasterizer import Hits, Rasterizer

__all__ = ["Hits", "Rasterizer", "draw_layers"]
