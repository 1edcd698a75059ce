"""Ray-cast images by Embree."""

from dig_embree.renderer import EmbreeRenderer

__all__ = ["EmbreeRenderer"]
