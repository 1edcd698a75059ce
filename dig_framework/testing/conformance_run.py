"""Run a conformance suite without a test framework."""

from __future__ import annotations

import time
import traceback
import unittest
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dig_framework.component import Component
from dig_framework.testing import suite_for


class Outcome(NamedTuple):
    """What came of one check."""

    check: str
    """What must hold, in words."""
    verdict: str
    """`passed`, `failed` or `skipped`."""
    reason: str
    """Why it failed or was skipped; empty if it passed."""
    seconds: float
    """How long it took [s]."""


def run_conformance(component: Component) -> Iterator[Outcome]:
    """Yield the outcome of every check of the component's slot, each as soon as it is known."""
    suite_class = suite_for(component.slot)
    suite = type(suite_class.__name__, (suite_class,), {"component": component})()
    for name in suite.checks():
        check = getattr(suite, name)
        words = (check.__doc__ or name).strip().splitlines()[0].rstrip(".")
        started = time.perf_counter()
        verdict, reason = _tried(check)
        yield Outcome(words, verdict, reason, time.perf_counter() - started)


def _tried(check: Callable[[], object]) -> tuple[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check()
    except unittest.SkipTest as skipped:
        return "skipped", str(skipped)
    except AssertionError as error:
        return "failed", str(error) or _where(error)
    except Exception as error:  # Whatever a backend raises in a check is its failure, and the other checks go on.
        return "failed", f"{type(error).__name__}: {error} {_where(error)}"
    return "passed", ""


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"({last.filename}:{last.lineno}: {last.line})"
