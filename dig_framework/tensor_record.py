"""Frozen dataclasses of tensors as flat mappings and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor

# Not typing.Self, which the run-time checks of the tests cannot resolve on a single method.
_Record = TypeVar("_Record", bound="TensorRecord")


@dataclasses.dataclass(frozen=True, eq=False)
class TensorRecord:
    """A frozen dataclass whose tensors have dotted names, such as `objects.0.pose.translation`.

    Fields may be tensors, other records, tuples or string-keyed dictionaries of these, or plain values. Plain values
    are carried along and have no name in the mapping.
    """

    def tensors(self) -> dict[str, Tensor]:
        """Return every tensor by its dotted name, in field order."""
        return dict(_named(self, ""))

    def with_tensors(self: _Record, values: Mapping[str, Tensor]) -> _Record:
        """Return a copy in which the named tensors are replaced.

        Raises:
            KeyError: If a name does not belong to this record.
        """
        unknown = sorted(set(values) - set(self.tensors()))
        if unknown:
            raise KeyError(f"{type(self).__name__} has no tensor called {unknown[0]!r}")
        return _rebuilt(self, "", lambda name, old: values.get(name, old))

    def to(self: _Record, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> _Record:
        """Return a copy on another device, with floating-point tensors in another dtype."""

        def move(_: str, old: Tensor) -> Tensor:
            return old.to(device=device, dtype=dtype if old.is_floating_point() else None)

        return _rebuilt(self, "", move)

    def detach(self: _Record) -> _Record:
        """Return a copy without gradient history; tensors that have none stay the same objects."""
        # What is remembered for a tensor, such as which faces meet, is found again by the object.
        return _rebuilt(self, "", lambda _, old: old.detach() if old.requires_grad else old)

    def replace(self: _Record, **changes: Any) -> _Record:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)


def _named(value: object, prefix: str) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        yield prefix, value
    elif isinstance(value, TensorRecord):
        for field in dataclasses.fields(value):
            yield from _named(getattr(value, field.name), f"{prefix}.{field.name}" if prefix else field.name)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _named(item, f"{prefix}.{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, f"{prefix}.{key}")


def _rebuilt(value: Any, prefix: str, change: Callable[[str, Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(prefix, value)
    if isinstance(value, TensorRecord):
        changes = {
            field.name: _rebuilt(getattr(value, field.name), f"{prefix}.{field.name}" if prefix else field.name, change)
            for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changes)
    if type(value) is tuple:
        return tuple(_rebuilt(item, f"{prefix}.{index}", change) for index, item in enumerate(value))
    if isinstance(value, dict):
        return {key: _rebuilt(item, f"{prefix}.{key}", change) for key, item in value.items()}
    return value
