"""How rows of images are dealt to threads."""

from __future__ import annotations

GROUPS = 4
"""Rows are dealt to this many groups, each with sums of its own, so that results do not depend on the threads."""
BAND = 4
"""Rows that stay together."""
