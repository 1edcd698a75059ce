"""What a rasterizer remembers between calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from dig_framework.errors import InputError

if TYPE_CHECKING:
    from dig_framework.raster.depth_peeler import DepthPeeler


class RasterizeContext:
    """Tells `rasterize` and `DepthPeeler` apart; one context has at most one active peeler.

    Args:
        device: `None` or the CPU.

    Raises:
        InputError: If `device` is another device.
    """

    def __init__(self, device: torch.device | str | int | None = None) -> None:
        if device is not None and torch.device(device).type != "cpu":
            raise InputError(f"dig_framework.raster draws on the CPU, not on {device!r}. Leave `device` out.")
        self.device = torch.device("cpu")
        self.output_db = True
        self.active_depth_peeler: DepthPeeler | None = None


class RasterizeCudaContext(RasterizeContext):
    """The context that code written for `nvdiffrast.torch` makes; it draws on the CPU all the same.

    Args:
        device: Accepted and ignored: tensors stay on the CPU, and those on another device are refused by `rasterize`.
    """

    def __init__(self, device: torch.device | str | int | None = None) -> None:
        del device
        super().__init__()


class RasterizeGLContext(RasterizeContext):
    """The older context of `nvdiffrast.torch`.

    Args:
        output_db: Whether `rasterize` returns screen-space derivatives; without, they have zero channels.
        mode: "automatic" or "manual"; there is nothing to set or release, so both are the same.
        device: Accepted and ignored, as by `RasterizeCudaContext`.

    Raises:
        InputError: If an argument is none of these.
    """

    def __init__(
        self, output_db: bool = True, mode: str = "automatic", device: torch.device | str | int | None = None
    ) -> None:
        if not isinstance(output_db, bool):
            raise InputError(f"output_db is True or False, not {output_db!r}.")
        if mode not in ("automatic", "manual"):
            raise InputError(f'mode is "automatic" or "manual", not {mode!r}.')
        del device
        super().__init__()
        self.output_db = output_db

    def set_context(self) -> None:
        """Do nothing: there is no OpenGL context to set."""

    def release_context(self) -> None:
        """Do nothing: there is no OpenGL context to release."""
