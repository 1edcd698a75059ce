"""Rendering by PyTorch3D."""

from dig_pytorch3d.renderer import Pytorch3dRenderer

__all__ = ["Pytorch3dRenderer"]
