"""How kernels are compiled and cached."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numba
import numba.core.config

from dig_framework.kernel_folder import kernel_folder

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call and keep the machine code on disk."""
    return _compiled(function)


def lane_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of loops over side by side numbers, whose sums may be made in any one order."""
    return _compiled(function, fastmath={"reassoc", "contract", "nsz"})


def inline_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a part of those kernels that call a function: handing over many arrays may take longer than a short loop."""
    return _compiled(function, inline="always")


def _compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile a function, its machine code kept in our own folder; other users of numba keep theirs."""
    folder, settings = kernel_folder(), numba.core.config.__dict__
    before = settings["CACHE_DIR"]
    settings["CACHE_DIR"] = str(folder or "")
    try:
        return numba.njit(cache=folder is not None, **_OPTIONS, **options)(inspect.unwrap(function))
    finally:
        settings["CACHE_DIR"] = before
