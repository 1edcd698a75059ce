"""Repeat a published measurement on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

_OPTIONS = ("meshes", "count", "seed", "only", "methods", "ablations", "work")


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("name", nargs="?", metavar="NAME", help="which; without it they are listed")
    command.add_argument("--data", type=Path, metavar="FOLDER", help="folder of scene folders to measure on as well")
    command.add_argument("--into", type=Path, metavar="FILE", help="JSON file to write")
    add = command.add_argument_group("options of `reconstruction`").add_argument
    add("--meshes", type=Path, metavar="FOLDER", help="meshes for generated scenes, in place of our own objects")
    add("--count", type=_count, metavar="N", help="generated scenes of each condition")
    add("--seed", type=int, metavar="N", help="of generated scenes")
    add("--only", type=_words, metavar="NAME,...", help="parts: single, hidden, real, ..., time")
    add("--methods", type=_words, metavar="NAME,...", help="rows: B5, completion, reference, ..., or config files")
    add("--ablations", type=Path, metavar="FOLDER", help="compare every config in FOLDER with reference")
    add("--work", type=Path, metavar="FOLDER", help="where scenes and scores are kept, for a killed run to go on")
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework import bench

    if given.name is None:
        print("\n".join(sorted(bench.BENCHES)))
        return 0
    options = {name: getattr(given, name) for name in _OPTIONS if getattr(given, name) is not None}
    print(bench.run(given.name, given.data, given.into, options=options))
    return 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _count(text: str) -> int:
    if not text.isdigit() or text == "0":
        raise argparse.ArgumentTypeError(f"wants a number from 1 on, not {text!r}")
    return int(text)
