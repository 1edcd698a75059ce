"""Say what is installed, what does not work and why."""

from __future__ import annotations

import argparse


def add_arguments(command: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """Declare the command's words."""
    command.set_defaults(execute=_execute)


def _execute(given: argparse.Namespace) -> int:
    from dig_framework.doctor import examine
    from dig_framework.text_table import text_table

    findings = examine()
    marks = {"fine": "", "note": "note", "broken": "BROKEN"}
    print(text_table([(item.topic, item.name, item.text, marks[item.verdict]) for item in findings]))
    return 1 if any(item.verdict == "broken" for item in findings) else 0
