"""Mitsuba as a library, and which of its variants work here."""

from __future__ import annotations

import contextlib
import functools
import signal
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Literal

from dig_framework.errors import ComponentError

Variant = Literal["auto", "llvm", "scalar"]

# Some versions of LLVM abort the process at the first minimum of two arrays, so the probe takes one.
_PROBE = """
import drjit, mitsuba
mitsuba.set_variant("llvm_ad_rgb")
least = drjit.minimum(mitsuba.Float([1.0, 2.0, 3.0]), 2.5)
drjit.eval(least)
assert list(least) == [1.0, 2.0, 2.5]
"""


def mitsuba_library() -> ModuleType:
    """Return the module `mitsuba`, without a variant chosen.

    Raises:
        ComponentError: If it is not installed or does not import.
    """
    try:
        import mitsuba
    except ImportError as error:
        raise ComponentError(
            f"renderer 'mitsuba' needs Mitsuba 3, which does not import ({error}): pip install mitsuba."
        ) from error
    return mitsuba


@contextlib.contextmanager
def chosen(mi: ModuleType, name: str) -> Iterator[None]:
    """Choose a variant by Mitsuba's own name for a while; whatever was chosen before is so again afterwards."""
    before = mi.variant()
    mi.set_variant(name)
    try:
        yield
    finally:
        if before is not None:
            mi.set_variant(before)


def mitsuba_variant(variant: Variant) -> str:
    """Return Mitsuba's own name of a variant that works on this machine; 'auto' prefers LLVM.

    Raises:
        ComponentError: If LLVM is asked for and does not work.
    """
    if variant == "scalar":
        return "scalar_rgb"
    flaw = llvm_flaw()
    if variant == "llvm" and flaw:
        raise ComponentError(
            f"renderer 'mitsuba' cannot use variant 'llvm' ({flaw}). Install a newer LLVM (Debian: apt-get install "
            "libllvm19), name its library in DRJIT_LIBLLVM_PATH, or set variant to 'scalar'."
        )
    return "scalar_rgb" if flaw else "llvm_ad_rgb"


@functools.cache
def llvm_flaw() -> str:
    """Return why Mitsuba cannot compile with this machine's LLVM; empty if it can.

    It is tried in a process of its own, once, since an LLVM that is too old ends the process that loads it.
    """
    try:
        done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the probe did not end: {error}"
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"its LLVM ends the process by {signal.Signals(-done.returncode).name}"
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"the probe ended with status {done.returncode}"
