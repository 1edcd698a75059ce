"""Open the report of a run in a browser."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("run", nargs="?", type=Path, metavar="RUN", help="run directory; else the latest in runs/")
    command.add_argument("--print", action="store_true", help="print the report's path instead of opening it")
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework.errors import RunError
    from dig_framework.run_folder import MARKER

    run = given.run or _latest(Path("runs"))
    report = run / "report.html"
    if not (run / "state").exists():
        raise RunError(f"{run} is no run directory: it has no file 'state'.")
    if not report.exists():
        # Writing a report replaces pictures, so it must be a run for sure.
        if not (run / MARKER).exists():
            raise RunError(f"{run} has no report.html, and none can be written: no run of ours made this folder.")
        from dig_framework.report import write_report

        report = write_report(run)
    if not given.print:
        import webbrowser

        if webbrowser.open(report.resolve().as_uri()):
            return 0
    print(report)
    return 0


def _latest(parent: Path) -> Path:
    from dig_framework.errors import RunError

    states = sorted(parent.glob("*/state"), key=lambda path: path.stat().st_mtime)
    if not states:
        raise RunError(f"there is no run in {parent.resolve()}; give the directory of one.")
    return states[-1].parent
