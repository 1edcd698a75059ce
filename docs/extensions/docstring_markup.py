"""Sphinx extension: read docstrings as they are written here, Google's sections around Markdown's code spans."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

_CODE_SPAN = re.compile(r"(?<![`:])`([^`]+)`(?!`)")
_CODE_BLOCK = re.compile(r"(?<!:):\n\n(?= {4,}\S)")


def translate(app: Sphinx, what: str, name: str, item: Any, options: Any, lines: list[str]) -> None:
    """Turn the lines of one docstring into reStructuredText."""
    text = _CODE_SPAN.sub(r"``\1``", "\n".join(lines))
    text = _CODE_BLOCK.sub("::\n\n", text)
    lines[:] = text.split("\n")
    # Napoleon would take whatever stands before a colon in an attribute's docstring for its type.
    if what not in ("attribute", "data"):
        lines[:] = GoogleDocstring(lines, Config(), app, what, name, item, options).lines()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("autodoc-process-docstring", translate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
