"""How kernels are compiled and cached."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Spinning threads cost milliseconds a kernel on a busy machine; this must be set before the first parallel kernel.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numba

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call and keep the machine code on disk."""
    return numba.njit(**_OPTIONS)(inspect.unwrap(function))


def lane_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of loops over side by side numbers, whose sums may be made in any one order."""
    return numba.njit(fastmath={"reassoc", "contract", "nsz"}, **_OPTIONS)(inspect.unwrap(function))


def parallel_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function whose `prange` loops run on several threads."""
    return numba.njit(parallel=True, **_OPTIONS)(inspect.unwrap(function))


def compiled_before(family: str) -> bool:
    """Whether `note_compiled` was called for a family of kernels and none has changed since."""
    with contextlib.suppress(OSError):
        return family in _compiled().read_text().split()
    return False


def note_compiled(family: str) -> None:
    """Remember that all kernels of a family are compiled and kept, where they are kept."""
    with contextlib.suppress(OSError), _compiled().open("a") as file:
        file.write(f"{family}\n")


def _compiled() -> Path:
    return Path(__file__).parent / "__pycache__" / "kernels.compiled"


def _drop_stale_kernels(package: Path) -> None:
    """Delete cached machine code made from other sources.

    numba itself notices changes in a kernel's own file only, not in the files of the functions that it calls.
    """
    sources = {path: path.read_bytes() for path in sorted(package.rglob("*.py"))}
    sources = {path: text for path, text in sources.items() if b"dig_framework.kernel import" in text}
    digest = hashlib.sha256(b"".join(sources.values())).hexdigest()
    stamp = package / "__pycache__" / "kernels.sha256"
    with contextlib.suppress(OSError):
        if stamp.exists() and stamp.read_text() == digest:
            return
        for cache in {path.parent / "__pycache__" for path in sources}:
            for path in cache.glob("*.nb[ic]"):
                path.unlink(missing_ok=True)
        _compiled().unlink(missing_ok=True)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest)


_drop_stale_kernels(Path(__file__).parent)
