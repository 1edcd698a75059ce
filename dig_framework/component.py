"""A component is its settings: one frozen pydantic model with one or two methods."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator
from pydantic_core import to_jsonable_python

from dig_framework import plugins
from dig_framework.errors import ComponentError


class Component(BaseModel, ABC):
    """Settings that can act. Subclasses are either abstract (a slot) or final (a backend).

    Fields are the settings, each with a description and a unit. Heavy state belongs in a
    `functools.cached_property`, heavy imports inside methods. A field annotated with an abstract slot class takes
    an instance, an installed name, `module:Class`, or a mapping with `type` and settings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    slot: ClassVar[str] = ""
    """Name of the slot; set once by each interface."""

    def needs_preparation(self) -> bool:
        """Whether `prepare` would save a run time; by default there is nothing to prepare."""
        return False

    def prepare(self) -> None:
        """Do what depends on no input and stays, such as compiling kernels that are then kept on disk.

        A run calls it in another process while its first stages go on. Nothing may depend on its having been called.
        """

    def external_files(self) -> tuple[Path, ...]:
        """Return the files that the settings name; what was computed counts only while these stay as they are."""
        return ()

    @model_validator(mode="wrap")
    @classmethod
    def _resolve(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, Component):
            return handler(_of_slot(cls, value))
        if inspect.isabstract(cls):
            return _resolved(cls, value)
        if isinstance(value, dict):
            value = {key: item for key, item in value.items() if key != "type"}
        return handler(value)

    @model_serializer
    def _with_type(self) -> dict[str, Any]:
        settings = {name: to_jsonable_python(getattr(self, name)) for name in type(self).model_fields}
        return {"type": plugins.name_of(type(self)), **settings}


def _of_slot(wanted: type[Component], value: Component) -> Component:
    if not isinstance(value, wanted):
        raise ValueError(f"wants a {wanted.slot}, but {type(value).__name__} is a {value.slot or 'component'}")
    return value


def _resolved(slot_class: type[Component], value: Any) -> Any:
    settings = {"type": value} if isinstance(value, str) else value
    if not isinstance(settings, dict) or not isinstance(settings.get("type"), str):
        raise ValueError(f"a {slot_class.slot} is a name or a mapping with 'type', not {value!r}")
    try:
        chosen = plugins.load(slot_class.slot, settings["type"])
    except ComponentError as error:
        raise ValueError(str(error)) from error
    return chosen.model_validate(settings)
