"""What a benchmark finds out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

Cell = str | int | float | bool | None
"""What a cell of a table may hold."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of figures; columns have their unit in the name, such as `chamfer [mm]`."""

    title: str
    rows: tuple[Mapping[str, Cell], ...]
    note: str = ""
    """What to keep in mind when reading it."""

    def columns(self) -> list[str]:
        """Return the names of all columns, in the order in which rows introduce them."""
        return list(dict.fromkeys(name for row in self.rows for name in row))
