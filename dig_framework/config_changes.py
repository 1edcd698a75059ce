"""Changes of single settings, deep inside a config, by path or by pattern."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from dig_framework.config import PipelineConfig
from dig_framework.errors import ConfigError

_GLOB = frozenset("*?[")


def with_changes(data: Mapping[str, Any], changes: object, label: str) -> dict[str, Any]:
    """Return the plain data of a config with settings replaced, as a file's `set:` says.

    A path is `objective.robust_scale` or `fit_schedule.phases.0.steps`; a phase may be called by its name. A pattern,
    such as `*_schedule.phases.*.loss.contact`, changes whatever there is of that name.

    Args:
        data: Fields of the config.
        changes: New values by path or pattern.
        label: What the config is called in errors.

    Raises:
        ConfigError: If `changes` is no mapping, or a path or pattern leads to nothing.
    """
    if not isinstance(changes, Mapping):
        raise ConfigError(f"{label}: set: is a mapping of paths to values, not {changes!r}.")
    result = dict(data)
    for pattern, value in changes.items():
        steps = str(pattern).split(".")
        found = list(_places(result, steps))
        if not found:
            known = ", ".join(sorted(result)) if len(steps) == 1 else "what exists stands in `dig-framework show`"
            raise ConfigError(f"{label}: set: {pattern!r} leads to no setting; {known}.")
        for place in found:
            result = _replaced(result, place, value)
    return result


def completed(top: str, value: Any) -> Any:
    """Return a field with every default filled in, so that a change finds what it names."""
    if not isinstance(value, str | dict | BaseModel):
        return value
    name = next(name for name, field in PipelineConfig.model_fields.items() if top in (name, field.alias))
    adapter: TypeAdapter[Any] = TypeAdapter(get_type_hints(PipelineConfig)[name])
    try:
        return adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError:
        # A later change may put it right; what stays wrong is reported when everything is known.
        return {"type": value} if isinstance(value, str) else value


def _places(data: dict[str, Any], steps: list[str]) -> Iterator[list[str | int]]:
    """Yield every place of a pattern; fields on the way are completed in `data`."""
    fields = [field.alias or name for name, field in PipelineConfig.model_fields.items()]
    strict = not _GLOB & set("".join(steps))
    for top in (field for field in fields if fnmatchcase(field, steps[0])):
        node = completed(top, data.get(top, {})) if len(steps) > 1 else None
        places = list(_matches(node, steps[1:], strict))
        if places and len(steps) > 1:
            data[top] = node
        yield from ([top, *rest] for rest in places)


def _matches(node: Any, steps: list[str], strict: bool) -> Iterator[list[str | int]]:
    if not steps:
        yield []
        return
    step, *rest = steps
    inner: dict[str | int, Any] = {}
    if isinstance(node, list):
        inner = {place: item for place, item in enumerate(node) if _named(place, item, step)}
    elif isinstance(node, dict):
        inner = {key: item for key, item in node.items() if fnmatchcase(key, step)}
        if not inner and strict and not rest:
            inner = {step: None}  # A path may add a term to a loss; whether it exists is checked with everything else.
    for key, item in inner.items():
        for deeper in _matches(item, rest, strict):
            yield [key, *deeper]


def _named(place: int, item: Any, step: str) -> bool:
    return fnmatchcase(str(place), step) or (isinstance(item, dict) and fnmatchcase(str(item.get("name")), step))


def _replaced(node: Any, place: list[str | int], value: Any) -> Any:
    if not place:
        return value
    key, *rest = place
    if isinstance(node, list):
        return [_replaced(item, rest, value) if number == key else item for number, item in enumerate(node)]
    return {**node, key: _replaced(node.get(key), rest, value)}
