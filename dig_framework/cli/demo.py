"""Reconstruct the scene that comes with the package."""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

from dig_framework.cli.run import add_run_options, run_and_print


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("--config", default="quickstart", metavar="CONFIG", help="preset or file; else quickstart")
    add_run_options(command)
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    return run_and_print(given, given.config, Path(str(resources.files("dig_framework"))) / "demo")
