"""Repeat a published measurement on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("name", nargs="?", metavar="NAME", help="which; without it they are listed")
    command.add_argument("--data", type=Path, metavar="FOLDER", help="folder of scene folders to measure on as well")
    command.add_argument("--into", type=Path, metavar="FILE", help="JSON file to write")
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework import bench

    if given.name is None:
        print("\n".join(sorted(bench.BENCHES)))
        return 0
    print(bench.run(given.name, given.data, given.into))
    return 0
