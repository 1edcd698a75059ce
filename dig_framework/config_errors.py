"""Pydantic's errors in the words of a config: the file, the place in it, who set it, and the nearest name."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from dig_framework import plugins
from dig_framework.component import Component
from dig_framework.config import PipelineConfig
from dig_framework.errors import ComponentError, ConfigError, ConfigUsageError

_Place = tuple[int | str, ...]


def config_error(
    error: ValidationError, data: Mapping[str, Any], label: str, overrides: Sequence[str] = ()
) -> ConfigError:
    """Return one ConfigError with a line for everything that is wrong; a ConfigUsageError if overrides set all of it.

    Args:
        error: What validation found.
        data: What was validated.
        label: File or preset that it came from.
        overrides: `key=value` texts that were applied to it, in order.
    """
    causes = [(item, _origin(item["loc"], overrides)) for item in _causes(error)]
    lines = [f"{label}: {_dotted(item['loc'])}{_said(item, data)}{_set_by(origin)}" for item, origin in causes]
    kind = ConfigUsageError if all(origin for _, origin in causes) else ConfigError
    return kind("\n".join(lines))


def settings_error(error: ValidationError, component: type[BaseModel], label: str) -> ConfigError:
    """Return one ConfigError for settings of a single model."""
    lines = [f"{label}: {_dotted(item['loc'])}{_plain(item, component)}" for item in _causes(error)]
    return ConfigError("\n".join(lines))


def _causes(error: ValidationError) -> list[Any]:
    """Return the errors without those that only follow: a list is short because what was in it is wrong."""
    found = error.errors()
    places = [item["loc"] for item in found]

    def follows(item: Any) -> bool:
        place = item["loc"]
        return item["type"] == "too_short" and any(other[: len(place)] == place != other for other in places)

    return [item for item in found if not follows(item)]


def _origin(place: _Place, overrides: Sequence[str]) -> str | None:
    return next((text for text in reversed(overrides) if _concerns(text, place)), None)


def _set_by(origin: str | None) -> str:
    return f" (set by -s {origin})" if origin else ""


def _dotted(place: _Place) -> str:
    return "".join(f"{'.' if i else ''}{step}" for i, step in enumerate(place)) + (": " if place else "")


def _concerns(override: str, place: _Place) -> bool:
    """Return whether an override set a place, what it is in, or a part of it; a type counts as the component.

    A place with parts is wrong by itself only if they do not go together, and then whoever set one of them is asked.
    """
    key = override.partition("=")[0].removesuffix(".type").split(".")
    steps = [str(step) for step in place]
    shorter = min(len(key), len(steps))
    return shorter > 0 and key[:shorter] == steps[:shorter]


def _said(item: Any, data: Mapping[str, Any]) -> str:
    return _plain(item, _model_at(PipelineConfig, data, item["loc"][:-1]))


def _plain(item: Any, model: type[BaseModel] | None) -> str:
    if item["type"] == "extra_forbidden":
        return _unknown(str(item["loc"][-1]), model)
    if item["type"] == "missing":
        return "is missing"
    if item["type"] == "too_short":
        return f"holds {item['ctx']['actual_length']}, but at least {item['ctx']['min_length']} must be in it"
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    given = item["input"]
    shown = f", not {given!r}" if given is None or isinstance(given, str | int | float | bool) else ""
    return item["msg"][:1].lower() + item["msg"][1:] + shown


def _unknown(name: str, model: type[BaseModel] | None) -> str:
    if model is None:
        return "no such setting"
    names = [field.alias or key for key, field in model.model_fields.items()]
    there = f"{model.__name__} has: {', '.join(names)}." if names else f"{model.__name__} has no settings."
    return f"no setting is called {name!r}.{plugins.did_you_mean(name, names)} {there}"


def _model_at(annotation: Any, data: Any, place: _Place) -> type[BaseModel] | None:
    """Return the model that describes a place, choosing components by the `type` in the data."""
    model = _model_in(annotation, data)
    if not place:
        return model
    step, *rest = place
    if isinstance(step, int):
        inner = [item for item in typing.get_args(annotation) if item is not Ellipsis]
        below = data[step] if isinstance(data, list | tuple) and step < len(data) else None
        return _model_at(inner[0], below, tuple(rest)) if inner else None
    if model is None or step not in model.model_fields:
        return None
    return _model_at(model.model_fields[step].annotation, _child(data, step), tuple(rest))


def _model_in(annotation: Any, data: Any) -> type[BaseModel] | None:
    candidates = [item for item in (annotation, *typing.get_args(annotation)) if isinstance(item, type)]
    model = next((item for item in candidates if issubclass(item, BaseModel)), None)
    name = data if isinstance(data, str) else _child(data, "type")
    if model is not None and issubclass(model, Component) and isinstance(name, str):
        try:
            return plugins.load(model.slot, name)
        except ComponentError:
            return None
    return model


def _child(data: Any, step: str) -> Any:
    return data.get(step) if isinstance(data, Mapping) else None
