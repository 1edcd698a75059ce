"""Refusal of tensors that kernels, which check nothing, must not see."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dig_framework.errors import InputError

Shape = tuple[str | int, ...]
"""Expected sides: a number is exact, a name is any."""


def given(**tensors: Tensor | None) -> dict[str, Tensor]:
    """Return those of the optional tensors that are not `None`, by name."""
    return {name: tensor for name, tensor in tensors.items() if tensor is not None}


def check_floats(function: str, **tensors: Tensor) -> None:
    """Refuse what is not a CPU tensor of finite float32 or float64 numbers, one dtype for all.

    Args:
        function: Whose arguments they are.
        **tensors: By name.
    """
    first = ""
    for name, tensor in tensors.items():
        _check_tensor(function, name, tensor)
        if tensor.dtype not in (torch.float32, torch.float64):
            raise InputError(f"{function}: {name} has dtype {tensor.dtype}; use float32 or float64.")
        first = first or name
        if tensor.dtype != tensors[first].dtype:
            raise InputError(
                f"{function}: {name} is {tensor.dtype} but {first} is {tensors[first].dtype}; give both the same dtype."
            )
        _check_finite(function, name, tensor)


def check_shape(function: str, name: str, tensor: Tensor, *allowed: Shape) -> None:
    """Refuse a tensor whose shape is none of those allowed."""
    for shape in allowed:
        if tensor.ndim == len(shape) and all(
            isinstance(want, str) or want == side for want, side in zip(shape, tensor.shape, strict=True)
        ):
            return
    wanted = " or ".join("[" + ", ".join(map(str, shape)) + "]" for shape in allowed)
    raise InputError(f"{function}: {name} must have shape {wanted}; it has {list(tensor.shape)}.")


def check_integers(function: str, name: str, tensor: Tensor, shape: Shape) -> None:
    """Refuse what is not an int32 CPU tensor of a shape."""
    _check_tensor(function, name, tensor)
    if tensor.dtype != torch.int32:
        raise InputError(f"{function}: {name} has dtype {tensor.dtype}; use int32, for example {name}.int().")
    check_shape(function, name, tensor, shape)


def check_triangles(function: str, tri: Tensor, vertices: int) -> None:
    """Refuse triangles that name vertices that do not exist."""
    check_integers(function, "tri", tri, ("triangles", 3))
    if tri.numel() == 0:
        return
    low, high = (int(value) for value in torch.aminmax(tri))
    if low < 0 or high >= vertices:
        raise InputError(
            f"{function}: tri names vertex {low if low < 0 else high}, but there are {vertices} vertices, 0 to "
            f"{vertices - 1}."
        )


def check_ranges(function: str, ranges: Tensor, triangles: int) -> None:
    """Refuse ranges (first triangle, count) that leave the triangles."""
    check_integers(function, "ranges", ranges, ("images", 2))
    first, count = ranges.long().unbind(1)
    wrong = ((first < 0) | (count < 0) | (first + count > triangles)).nonzero()
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"{function}: ranges[{row}] = {ranges[row].tolist()} (first triangle, count) does not fit into "
            f"{triangles} triangles."
        )


def check_choice(function: str, name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a word that is none of those known."""
    if value not in choices:
        raise InputError(f"{function}: {name} is {value!r}; choose from {', '.join(map(repr, choices))}.")


def _check_tensor(function: str, name: str, tensor: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise InputError(f"{function}: {name} must be a torch tensor, not {type(tensor).__name__}.")
    if tensor.device.type != "cpu":
        raise InputError(
            f"{function}: {name} is on {tensor.device}; these primitives work on the CPU, use {name}.cpu()."
        )
    if tensor.layout != torch.strided:
        raise InputError(f"{function}: {name} has layout {tensor.layout}; use a dense tensor.")


def _check_finite(function: str, name: str, tensor: Tensor) -> None:
    values = tensor.detach()
    # One pass that allocates nothing; it overflows for huge but finite numbers, hence the second look.
    if torch.isfinite(values.sum()) or bool(torch.isfinite(values).all()):
        return
    at = (~torch.isfinite(values)).nonzero()[0].tolist()
    raise InputError(f"{function}: {name}{at} is {float(values[tuple(at)])}; every value must be finite.")
