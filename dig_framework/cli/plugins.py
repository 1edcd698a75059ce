"""List components; show, check or begin one."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path

from dig_framework.plugins import SLOTS, offers


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.set_defaults(execute=_list)
    actions = command.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", parents=[shared], help="the settings of one component")
    show.add_argument("slot", choices=SLOTS, metavar="SLOT", help=", ".join(SLOTS))
    show.add_argument("name", metavar="NAME", help="installed name, or module:Class")
    show.set_defaults(execute=_show)
    check = actions.add_parser("check", parents=[shared], help="run the conformance suites of installed components")
    check.add_argument("name", nargs="?", metavar="NAME", help="installed name, or module:Class; all by default")
    check.add_argument("--slot", choices=SLOTS, metavar="SLOT", help="only this slot")
    check.add_argument("-s", "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE",
                       help="a setting to check it with")  # fmt: skip
    check.set_defaults(execute=_check)
    new = actions.add_parser("new", parents=[shared], help="begin a distribution with a working component")
    new.add_argument("name", metavar="NAME", help="name of the distribution and of the component, such as my-renderer")
    new.add_argument("--slot", choices=SLOTS, required=True, metavar="SLOT", help=", ".join(SLOTS))
    new.add_argument("--into", type=Path, metavar="DIR", help="folder to make; NAME by default")
    new.set_defaults(execute=_new)


def _list(given: argparse.Namespace) -> int:
    from dig_framework.text_table import text_table

    rows = [
        (slot if i == 0 else "", offer.name, f"{offer.distribution} {offer.version}", offer.value)
        for slot, group in groupby(offers(), key=lambda offer: offer.slot)
        for i, offer in enumerate(group)
    ]
    print(text_table(rows, ("slot", "name", "distribution", "where")))
    return 0


def _show(given: argparse.Namespace) -> int:
    from dig_framework.component_settings import described

    print(described(given.slot, given.name))
    return 0


def _check(given: argparse.Namespace) -> int:
    from dig_framework.cli.check import check_and_print

    return check_and_print(given.name, given.slot, given.settings)


def _new(given: argparse.Namespace) -> int:
    from dig_framework.plugin_template import write_plugin

    into = write_plugin(given.name, given.slot, given.into or Path(given.name))
    print(f"{into}\nnext: cd {into} && python -m pip install -e . && python -m pytest")
    return 0
