"""Records whose tensors are not shaped as their fields say, refused by name."""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.tensor_record import TensorRecord

Shape = tuple[str, ...]
"""Expected sides: a number is exact, a name is the same for all tensors of a record."""


def check_shapes(record: TensorRecord, owner: str) -> None:
    """Check shapes and dtypes of all tensors of a record against the annotations of its fields.

    Floating-point fields must hold float32 or float64, integer fields any whole numbers. Sides of the same name must
    agree within a record, as those of a mesh's vertices and their colours.

    Args:
        record: What is checked, and the records in it.
        owner: What it is called in the error, such as `the scene`.

    Raises:
        InputError: If a tensor is not as its field says; names it.
    """
    for name, part in _records(record, ""):
        sides: dict[str, int] = {}
        for field, floating, shape in _expected(type(part)):
            value = getattr(part, field)
            if value is not None:
                _check(value, f"{owner}'s tensor {name}{field}", floating, shape, sides)


def _records(value: object, prefix: str) -> Iterator[tuple[str, TensorRecord]]:
    """Yield all records with what their fields' names begin with."""
    if isinstance(value, TensorRecord):
        yield prefix, value
        for field in dataclasses.fields(value):
            yield from _records(getattr(value, field.name), f"{prefix}{field.name}.")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _records(item, f"{prefix}{index}.")


@functools.cache
def _expected(kind: type[TensorRecord]) -> tuple[tuple[str, bool, Shape], ...]:
    """Return name, whether it is floating-point, and shape of every field that is a tensor of a known shape."""
    found = []
    for field, hint in typing.get_type_hints(kind).items():
        for option in (hint, *typing.get_args(hint)):
            sides = getattr(option, "dim_str", None)
            if sides is not None and "*" not in sides and "..." not in sides:
                found.append((field, "float32" in option.dtypes, tuple(sides.split())))
    return tuple(found)


def _check(value: Any, name: str, floating: bool, shape: Shape, sides: dict[str, int]) -> None:
    if not isinstance(value, Tensor):
        raise InputError(f"{name} must be a torch tensor, not {type(value).__name__}.")
    _check_dtype(value, name, floating)
    wanted = [sides.get(side, side) if not side.isdigit() else int(side) for side in shape]
    if value.dim() != len(wanted) or any(
        isinstance(want, int) and want != side for want, side in zip(wanted, value.shape, strict=True)
    ):
        raise InputError(f"{name} must have shape [{', '.join(map(str, wanted))}]; it has {list(value.shape)}.")
    sides.update({side: size for side, size in zip(shape, value.shape, strict=True) if not side.isdigit()})


def _check_dtype(value: Tensor, name: str, floating: bool) -> None:
    if floating and value.dtype not in (torch.float32, torch.float64):
        raise InputError(f"{name} has dtype {value.dtype}; use float32 or float64.")
    if not floating and (value.is_floating_point() or value.is_complex() or value.dtype == torch.bool):
        raise InputError(f"{name} has dtype {value.dtype}; use whole numbers, such as int64.")
