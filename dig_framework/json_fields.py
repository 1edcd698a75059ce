"""Fields of JSON files, read with errors that say what was found and what to do."""

from __future__ import annotations

import difflib
import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import InputError

_LARGEST = 2**31 - 1
"""Integer that a field may hold, so that it fits arrays and file names."""


def mapping_of(value: Any, source: str, keys: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a JSON mapping; with `keys`, no others are allowed in it.

    Raises:
        InputError: If it is no mapping or holds an unknown key.
    """
    if not isinstance(value, dict):
        raise InputError(f"{source}: is no mapping{', it takes ' if keys else ''}{', '.join(keys)}; write {{...}}.")
    for key in value if keys else ():
        if key not in keys:
            close = difflib.get_close_matches(key, keys, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "remove it."
            raise InputError(f"{source}: {key!r} is unknown, it takes {', '.join(keys)}; {hint}")
    return value


def list_of(value: Any, source: str, hint: str = "write [...]") -> list[Any]:
    """Return a JSON list.

    Raises:
        InputError: If it is something else.
    """
    if not isinstance(value, list):
        raise InputError(f"{source}: is no list; {hint}.")
    return value


def required(values: dict[str, Any], key: str, source: str) -> Any:
    """Return a field of a mapping.

    Raises:
        InputError: If it is absent; names those that are there.
    """
    if key not in values:
        raise InputError(f"{source}: has no {key!r}; it holds {', '.join(values) or 'nothing'}, so add it.")
    return values[key]


def text_of(values: dict[str, Any], key: str, source: str) -> str:
    """Return a text field.

    Raises:
        InputError: If it is absent or something else.
    """
    value = required(values, key, source)
    if not isinstance(value, str):
        raise InputError(f"{source}: {key} is {_shown(value)}; give a text.")
    return value


def number_of(values: dict[str, Any], key: str, source: str, least: float | None = None) -> float:
    """Return a finite number, with `least` one that is not below it.

    Raises:
        InputError: If it is absent or something else.
    """
    value = required(values, key, source)
    number = _float_of(value)
    if number is None or not math.isfinite(number):
        raise InputError(f"{source}: {key} is {_shown(value)}; give a finite number.")
    if least is not None and number < least:
        raise InputError(f"{source}: {key} is {value!r}; give a number of at least {least:g}.")
    return number


def integer_of(values: dict[str, Any], key: str, source: str, least: int = 0) -> int:
    """Return an integer that is not below `least` and fits 32 bits.

    Raises:
        InputError: If it is absent or something else.
    """
    value = required(values, key, source)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{source}: {key} is {_shown(value)}; give an integer of at least {least}.")
    if value > _LARGEST:
        raise InputError(f"{source}: {key} is {_shown(value)}; give an integer of at most {_LARGEST}.")
    return value


def numbers_of(values: dict[str, Any], key: str, source: str, count: int | None = None) -> list[float]:
    """Return a list of numbers, nested lists flattened row by row.

    Raises:
        InputError: If it is absent, holds anything but numbers, or has not `count` of them.
    """
    given = required(values, key, source)
    rows = given if isinstance(given, list) else [given]
    flat = [item for row in rows for item in (row if isinstance(row, list) else [row])]
    numbers = [number for number in map(_float_of, flat) if number is not None]
    if len(numbers) != len(flat):
        raise InputError(f"{source}: {key} is {_shown(given)}; give a list of numbers.")
    if count is not None and len(flat) != count:
        raise InputError(f"{source}: {key} has {len(flat)} numbers; give {count}.")
    return numbers


def rigid_of(values: dict[str, Any], key: str, source: str) -> Float[Tensor, "4 4"]:
    """Return a rigid 4 x 4 transform in float64.

    Raises:
        InputError: If it is absent, has another shape, or does more than rotate and translate.
    """
    matrix = torch.tensor(numbers_of(values, key, source, 16), dtype=torch.float64).reshape(4, 4)
    rotation = matrix[:3, :3]
    off = float((rotation @ rotation.mT - torch.eye(3).double()).abs().max())
    mirrored = float(torch.linalg.det(rotation)) < 0
    if not off < 1e-3 or mirrored or matrix[3].tolist() != [0, 0, 0, 1] or not bool(matrix.isfinite().all()):
        what = "mirrors" if mirrored else f"is not rigid, its rotation is off by {off:.2g}"
        raise InputError(f"{source}: {key} {what}; give rotation and translation [m] above 0 0 0 1.")
    return matrix


def _float_of(value: Any) -> float | None:
    """Return a number as float, an integer beyond its range as infinity, and None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value > 0 or -1)


def _shown(value: Any) -> str:
    """Return a value as Python writes it, cut where it would fill the screen."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:60]}... ({len(text)} characters)"
