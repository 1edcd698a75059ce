"""Tensors by name pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from torch import Tensor

from dig_framework.errors import FitError


def select(
    parameters: Mapping[str, Tensor], patterns: Iterable[str], optional: Iterable[str] = (), phase: str = ""
) -> list[str]:
    """Return the names of floating-point tensors that match any pattern, in the mapping's order.

    Raises:
        FitError: If a pattern that is not optional matches nothing; says what exists.
    """
    names = [name for name, value in parameters.items() if value.is_floating_point()]
    chosen: set[str] = set()
    for pattern in patterns:
        matches = {name for name in names if fnmatchcase(name, pattern)}
        if not matches:
            raise FitError(_nothing(pattern, phase, names))
        chosen |= matches
    for pattern in optional:
        chosen |= {name for name in names if fnmatchcase(name, pattern)}
    return [name for name in names if name in chosen]


def _nothing(pattern: str, phase: str, names: list[str]) -> str:
    kinds = sorted({re.sub(r"\.\d+(?=\.|$)", ".*", name) for name in names})
    where = f"phase {phase!r}: " if phase else ""
    return (
        f"{where}the pattern {pattern!r} matches no tensor. There are: {', '.join(kinds) or 'none'}. "
        "Put it under 'optional' if a scene may lack it."
    )
