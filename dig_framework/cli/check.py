"""Conformance suites on the command line."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dig_framework import plugins
from dig_framework.component_settings import claims, made
from dig_framework.errors import ComponentError, ComponentUsageError, ConfigError
from dig_framework.text_table import text_table

if TYPE_CHECKING:
    from dig_framework.testing.conformance_run import Outcome

_MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "-"}


def check_and_print(name: str | None, slot: str | None, settings: Sequence[str] = ()) -> int:
    """Check one component or all, print a table for each, and return 1 if anything failed.

    Raises:
        ComponentError: If there is no component of that name.
    """
    total: Counter[str] = Counter()
    for chosen_slot, chosen in _chosen(name, slot):
        total.update(_check_one(chosen_slot, chosen, settings))
    print(", ".join(f"{total[verdict]} {verdict}" for verdict in _MARKS))
    return 1 if total["failed"] else 0


def _chosen(name: str | None, slot: str | None) -> list[tuple[str, str]]:
    if name is not None and ":" in name:
        return [(slot or _slot_of(name), name)]
    found = [
        (offer.slot, offer.name)
        for offer in plugins.offers(slot)
        if offer.slot in plugins.SLOTS and name in (None, offer.name)
    ]
    if not found:
        names = sorted({offer.name for offer in plugins.offers(slot) if offer.slot in plugins.SLOTS})
        hint = plugins.did_you_mean(name or "", names)
        raise ComponentUsageError(f"no {slot or 'component'} is called {name!r}.{hint} Installed: {', '.join(names)}.")
    return list(dict.fromkeys(found))


def _slot_of(value: str) -> str:
    found = plugins.import_named(value, f"component {value!r}")
    slot = getattr(found, "slot", "")
    if slot not in plugins.SLOTS:
        raise ComponentError(f"component {value!r} has no slot; derive it from a class of dig_framework.interfaces.")
    return slot


def _check_one(slot: str, name: str, settings: Sequence[str]) -> Counter[str]:
    from dig_framework.testing import suite_for
    from dig_framework.testing.conformance_run import run_conformance

    print(f"{slot} {name}", flush=True)
    with contextlib.ExitStack() as stack:
        try:
            chosen = plugins.load(slot, name)
            inputs = stack.enter_context(suite_for(slot).inputs(chosen))
            component = made(chosen, [*(f"{key}={value}" for key, value in inputs.items()), *settings])
        except (ComponentError, ConfigError) as error:
            verdict = "skipped" if "is missing" in str(error) else "failed"
            print(f"  {_MARKS[verdict]}  {error}\n", flush=True)
            return Counter([verdict])
        claimed = ", ".join(claims(chosen))
        if claimed:
            print(textwrap.fill(f"claims {claimed}", 118, initial_indent="  ", subsequent_indent="    "))
        return _printed(run_conformance(component))


def _printed(checks: Iterable[Outcome]) -> Counter[str]:
    outcomes: list[Outcome] = []
    for outcome in checks:
        outcomes.append(outcome)
        if sys.stderr.isatty():
            print(f"\r  {len(outcomes)} checks", end="\r", file=sys.stderr, flush=True)
    rows = [(f"  {_MARKS[item.verdict]}", item.check, f"{item.seconds:.2f} s", item.reason) for item in outcomes]
    print(text_table(rows) + "\n", flush=True)
    return Counter(item.verdict for item in outcomes)
