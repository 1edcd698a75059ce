"""Configuration of Sphinx; pages that follow from the code are generated before each build."""

from __future__ import annotations

import sys
from pathlib import Path

import dig_framework

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "dig_framework"
author = "The dig_framework authors"
copyright = "2026, the dig_framework authors"
version = release = dig_framework.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "generated_pages",
]
exclude_patterns = ["_build", "_generated/settings", "extensions"]
default_role = "code"
suppress_warnings = ["myst.header", "autosummary"]

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "show-inheritance": True, "exclude-members": "model_config"}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = "dig_framework"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
