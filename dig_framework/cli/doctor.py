"""Say what is installed, what does not work and why."""

from __future__ import annotations

import argparse


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.add_argument("--empty-cache", action="store_true", help="first delete all finished stages in the cache")
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework.cache import Cache, default_cache
    from dig_framework.doctor import examine
    from dig_framework.text_table import text_table

    if given.empty_cache:
        Cache(default_cache(), limit=0.0).trim()
    findings = examine()
    marks = {"fine": "", "note": "note", "broken": "BROKEN"}
    print(text_table([(item.topic, item.name, item.text, marks[item.verdict]) for item in findings]))
    return 1 if any(item.verdict == "broken" for item in findings) else 0
