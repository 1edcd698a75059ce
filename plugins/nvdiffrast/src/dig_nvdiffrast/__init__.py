"""Images by nvdiffrast."""

from dig_nvdiffrast.renderer import NvdiffrastRenderer

__all__ = ["NvdiffrastRenderer"]
