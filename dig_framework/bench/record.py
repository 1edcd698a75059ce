"""Print the tables of a benchmark and save them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import dig_framework
from dig_framework.atomic_files import write_json
from dig_framework.bench.table import Cell, Table
from dig_framework.provenance import machine, package_versions


def print_table(table: Table) -> None:
    """Print a table to standard output."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Grid

    grid = Grid(title=escape(table.title), title_justify="left", caption=escape(table.note), caption_justify="left")
    for name in table.columns():
        numeric = all(not isinstance(row.get(name), str) for row in table.rows)
        grid.add_column(escape(name), justify="right" if numeric else "left")
    for row in table.rows:
        grid.add_row(*(escape(_text(row.get(name))) for name in table.columns()))
    console = Console()
    if not console.is_terminal:
        console = Console(width=240)  # A file has no edge to wrap at.
    console.print(grid)


def save_record(name: str, tables: Sequence[Table], into: Path | None = None) -> Path:
    """Write tables, machine, date and versions as JSON and return the file."""
    now = datetime.now(UTC)
    path = into or Path(f"bench-{name}-{now:%Y%m%d-%H%M%S}.json")
    record = {
        "benchmark": name,
        "date": now.isoformat(timespec="seconds"),
        "version": dig_framework.__version__,
        "machine": {**machine(), "load_average": os.getloadavg()},
        "packages": package_versions(),
        "tables": [{"title": t.title, "note": t.note, "rows": [dict(row) for row in t.rows]} for t in tables],
    }
    write_json(path, record)
    return path


def _text(value: Cell) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return str(value)
