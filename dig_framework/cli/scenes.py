"""Make synthetic tabletop scenes with exact truth."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

_FAMILIES = ("single", "occluded", "clutter", "primitives", "roll")
_SENSORS = ("none", "d435", "harsh")


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    actions = command.add_subparsers(metavar="ACTION", required=True)
    make = actions.add_parser("make", parents=[shared], help="make a BOP dataset of seeded scenes, or go on with one")
    add = make.add_argument
    add("into", metavar="DIR", type=Path, help="folder to make, or to go on in after an interruption")
    add("--family", choices=_FAMILIES, required=True, metavar="NAME", help=", ".join(_FAMILIES))
    add("--count", type=_positive, default=10, metavar="N", help="scenes that the folder is to hold; 10 by default")
    add("--seed", type=int, default=0, metavar="S", help="of everything random; 0 by default")
    add("--meshes", type=Path, metavar="FOLDER", help="mesh files, in metres, in place of our own objects")
    add("--renderer", default="mitsuba", metavar="NAME",
        help="an installed renderer: mitsuba, a path tracer, by default; embree is fast")  # fmt: skip
    add("--sensor", choices=_SENSORS, default="d435", metavar="NAME",
        help="camera errors: none, d435 (default) or harsh")  # fmt: skip
    add("--simulator", default="mujoco", metavar="NAME", help="an installed simulator; mujoco by default")
    add("--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes; one a core by default")
    make.set_defaults(execute=_make)


def _make(given: argparse.Namespace) -> int:
    from dig_framework.synthesis.making import make_scenes
    from dig_framework.synthesis.progress import SceneBar
    from dig_framework.synthesis.recipe import Recipe

    recipe = Recipe(given.family, given.seed, given.renderer, given.sensor, given.simulator, given.meshes)
    with SceneBar() as bar:
        made = make_scenes(recipe, given.into, given.count, given.workers, bar.show)
    for number, problem in sorted(made.failures.items()):
        print(f"scene {number}: {problem}", file=sys.stderr)
    kept = f", {made.there} were there" if made.there else ""
    print(f"{made.made} scenes made{kept}")
    print(given.into)
    return 1 if made.failures else 0


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"wants a whole number from 1 on, not {text!r}")
    return number
