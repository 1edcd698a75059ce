"""Where the machine code of kernels is kept between processes: a folder for each version of all kernels.

numba itself notices changes in a kernel's own file only, not in those of the functions that it calls. A folder whose
name stands for the text of all of them cannot hold anything stale.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_PREFIX = "dig-framework-"


@cache
def kernel_folder() -> Path | None:
    """Return the folder, made if need be, or None if there is no place that can be written.

    It is in the environment's NUMBA_CACHE_DIR if that is set; otherwise in the package, or else in the user's cache.
    """
    name = _PREFIX + _digest()
    for place in kernel_places():
        with contextlib.suppress(OSError):
            folder = place / name
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            if place == _PACKAGE / "__pycache__":
                _drop_others(place, name)
            return folder
    return None


def kernel_places() -> list[Path]:
    """Return the folders that are tried in turn."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return [Path(chosen)]
    home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return [_PACKAGE / "__pycache__", home / "dig-framework-kernels"]


def compiled_before(family: str) -> bool:
    """Whether `note_compiled` was called for a family of kernels; true too where nothing can be kept."""
    folder = kernel_folder()
    return folder is None or (folder / f"{family}.compiled").exists()


def note_compiled(family: str) -> None:
    """Remember that all kernels of a family are compiled and kept."""
    folder = kernel_folder()
    if folder is not None:
        with contextlib.suppress(OSError):
            (folder / f"{family}.compiled").touch()


def _digest() -> str:
    """Return letters that stand for the text of every file with kernels."""
    sources = (path.read_bytes() for path in sorted(_PACKAGE.rglob("*.py")))
    texts = [text for text in sources if b"dig_framework.kernel import" in text]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


def _drop_others(place: Path, name: str) -> None:
    """Delete what other versions of this very package have left."""
    for other in place.glob(f"{_PREFIX}*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
