"""The settings of one component, in words."""

from __future__ import annotations

import inspect
import textwrap
import typing
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from dig_framework import plugins
from dig_framework.component import Component
from dig_framework.text_table import text_table
from dig_framework.yaml_files import parse_yaml

_HEADER = ("setting", "type", "default", "meaning [unit]")


def described(slot: str, name: str) -> str:
    """Return what a component does, what it can, and a table of its settings.

    Raises:
        ComponentError: If there is none of that name, or it does not import.
    """
    component = plugins.load(slot, name)
    offer = plugins.offer_of(component)
    origin = f"{offer.distribution} {offer.version}" if offer else component.__module__
    doc = inspect.cleandoc(component.__doc__ or "It has no description.")
    parts = [f"{slot} {name}  ({component.__module__}:{component.__qualname__}, {origin})", textwrap.indent(doc, "  ")]
    abilities = claims(component)
    if abilities:
        parts.append(textwrap.indent("\n".join(abilities), "  "))
    parts.append(_table(component))
    return "\n\n".join(parts)


def made(component: type[Component], settings: Sequence[str] = ()) -> Component:
    """Return an instance with some `key=value` settings and defaults for the rest.

    Raises:
        ConfigError: If a setting is missing, unknown or does not fit.
    """
    from dig_framework.config_errors import settings_error

    values: dict[str, Any] = {}
    for text in settings:
        key, _, value = text.partition("=")
        values[key] = parse_yaml(value)
    try:
        return component.model_validate(values)
    except ValidationError as error:
        raise settings_error(error, component, component.__name__) from error


def claims(component: type[Component]) -> list[str]:
    """Return one line for each class variable that the slot's interface declares: its name and value.

    A number that differs from what is usual in the slot is followed by what is usual.
    """
    slot_class = next(owner for owner in component.__mro__ if "slot" in vars(owner))
    names = [name for name in slot_class.__class_vars__ if name != "slot" and not name.startswith("_")]
    return [_claim(name, getattr(component, name), getattr(slot_class, name)) for name in sorted(names)]


def _claim(name: str, value: Any, usual: Any) -> str:
    differs = isinstance(value, float) and value != usual
    return f"{name}: {_shown(value)}" + (f" (usual: {usual:g})" if differs else "")


def _table(model: type[BaseModel]) -> str:
    rows = list(_rows(model, ""))
    return text_table(rows, _HEADER) if rows else "It has no settings."


def _rows(model: type[BaseModel], prefix: str) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    for name, field in model.model_fields.items():
        rows.append((prefix + name, type_text(field.annotation, field), _default(field), field.description or ""))
        inner, marks = _inner_model(field.annotation)
        if inner is not None:
            rows.extend(_rows(inner, f"{prefix}{name}{marks}."))
    return rows


def _inner_model(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Return a model whose fields are settings too, and how a path goes into it; components have their own page."""
    for item in (annotation, *typing.get_args(annotation)):
        if isinstance(item, type) and issubclass(item, BaseModel) and not issubclass(item, Component):
            return item, "" if item is annotation else ".N"
    return None, ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    factory = field.default_factory
    value = field.default if factory is None else typing.cast("Callable[[], Any]", factory)()
    return "" if value is PydanticUndefined else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    if value in ("", None):
        return "none"
    text = str(to_jsonable_python(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def type_text(annotation: Any, field: FieldInfo | None = None) -> str:
    """Return a type as a reader of settings would say it, with its bounds."""
    bounds = {">": "gt", "≥": "ge", "<": "lt", "≤": "le"}
    limits = [
        f"{sign} {getattr(mark, word):g}"
        for mark in (field.metadata if field else ())
        for sign, word in bounds.items()
        if getattr(mark, word, None) is not None
    ]
    return " ".join([_name(annotation), *limits])


def _name(annotation: Any) -> str:
    arguments = [_name(item) for item in typing.get_args(annotation) if item is not Ellipsis]
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return " | ".join(str(item) for item in typing.get_args(annotation))
    if origin in (tuple, list):
        return f"list of {' | '.join(dict.fromkeys(arguments))}"
    if origin is dict:
        return f"{arguments[0]} -> {arguments[1]}"
    if arguments:
        return " | ".join(arguments)
    return {type(None): "null", str: "text"}.get(annotation) or getattr(annotation, "__name__", str(annotation))
