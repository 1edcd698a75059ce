"""The command line: `dig-framework run`, `show`, `evaluate`, `plugins`, `doctor`, `bench`, `demo`, `scenes`.

Nothing heavy is imported before a command needs it: `--help` and listing plugins stay fast however many are installed.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from dig_framework import __version__
from dig_framework.cli import bench, demo, doctor, evaluate, plugins, run, scenes, show
from dig_framework.errors import DigError, UsageError

_COMMANDS = {
    "run": run,
    "show": show,
    "evaluate": evaluate,
    "plugins": plugins,
    "doctor": doctor,
    "bench": bench,
    "demo": demo,
    "scenes": scenes,
}

_STATUS = (
    "Exit status: 0 done; 1 the run failed, or a file is missing or holds what it should not; 2 wrong words on the "
    "command line, such as a preset, stage, setting or component that there is not, or a -s that does not fit."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed or a bad file, 2 wrong words on the command line.

    Args:
        arguments: Words after the program's name; None takes those of this process.
    """
    given = parser().parse_args(arguments)
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # `module:Class` also finds a file in the working directory.
    try:
        return given.execute(given)
    except KeyboardInterrupt:
        return _failed("interrupted. Repeat the command to go on after the last finished stage.", given.verbose)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # The reader has seen enough.
        return 0
    except DigError as error:
        return _failed(str(error), given.verbose, 2 if isinstance(error, UsageError) else 1)
    except Exception as error:  # A plugin may fail in any way; its user still gets a sentence.
        text = " ".join(str(error).split())
        return _failed(f"{type(error).__name__}: {text} (-v shows where)", given.verbose)


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("-v", "--verbose", action="store_true", help="show the traceback if something fails")
    top = argparse.ArgumentParser(
        prog="dig-framework",
        description="Inverse graphics for robots: one RGBD image and boxes in; meshes, poses, materials, lights and "
        "a grasp out.",
        epilog=_STATUS,
    )
    top.add_argument("--version", action="version", version=f"dig-framework {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0].rstrip(".")
        command = commands.add_parser(name, parents=[shared], help=summary, description=f"{summary}.", epilog=_STATUS)
        module.add_arguments(command, shared)
    return top


def _failed(text: str, verbose: bool, status: int = 1) -> int:
    if verbose:
        traceback.print_exc()
    print(f"dig-framework: {text}", file=sys.stderr)
    return status
