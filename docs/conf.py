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

extensions = ["myst_parser", "sphinx.ext.autodoc", "docstring_markup", "generated_pages"]
exclude_patterns = ["_build", "_generated/settings", "extensions"]
# Two modules may each have a class of the same name, such as Score; the page says which is meant.
suppress_warnings = ["ref.python"]
# The sidebar is resolved for every page; with every function in it that takes minutes.
toc_object_entries = False

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "ignore-module-all": True,
    "exclude-members": "model_config",
}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = "dig_framework"
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
