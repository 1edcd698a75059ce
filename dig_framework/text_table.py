"""Tables in plain text."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence


def text_table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Return rows in aligned columns; the widest wraps where the terminal ends, if they are for one."""
    lines = [list(header)] * bool(header) + [list(row) for row in rows]
    if not lines:
        return ""
    widths = [max(1, *(len(line[column]) for line in lines)) for column in range(len(lines[0]))]
    widest = widths.index(max(widths))
    columns = shutil.get_terminal_size((0, 0)).columns
    excess = sum(widths) + 2 * (len(widths) - 1) - max(80, columns)
    if columns and excess > 0:
        widths[widest] = max(24, widths[widest] - excess)
    text = [part for line in lines for part in _wrapped(line, widths)]
    if header:
        text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(text)


def _wrapped(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(line, widths, strict=True)]
    height = max(map(len, cells))
    columns = [(cell + [""] * height, width) for cell, width in zip(cells, widths, strict=True)]
    return ["  ".join(cell[row].ljust(width) for cell, width in columns).rstrip() for row in range(height)]
