"""Sphinx extension: write the pages that follow from the code before the sources are read.

Settings tables come from the fields of the built-in components, example pages from the docstrings of the numbered
scripts, and the reference from the modules that there are. Nothing generated is committed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import example_pages
import reference_pages
import settings_tables
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]


def generate(app: Sphinx) -> None:
    """Write every generated page anew."""
    target = Path(app.srcdir) / "_generated"
    shutil.rmtree(target, ignore_errors=True)
    settings_tables.write(target / "settings")
    example_pages.write(ROOT / "examples", target / "examples")
    reference_pages.write(ROOT / "dig_framework", target / "reference")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", generate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
