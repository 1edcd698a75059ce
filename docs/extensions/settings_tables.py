"""One Markdown table of settings for every built-in component, from the fields of its model."""

from __future__ import annotations

import inspect
import json
import re
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from dig_framework import plugins
from dig_framework.component import Component
from dig_framework.config import PipelineConfig
from dig_framework.evidence import SensorNoise
from dig_framework.grasp import ParallelJaw
from dig_framework.objective import ObjectiveSettings
from dig_framework.yaml_files import format_yaml

_RECORDS = {"objective": ObjectiveSettings, "noise": SensorNoise, "hand": ParallelJaw, "pipeline": PipelineConfig}


def write(target: Path) -> None:
    """Write `SLOT.md` for every slot and `NAME.md` for every other record of settings."""
    target.mkdir(parents=True)
    for slot in plugins.SLOTS:
        built_in = [offer for offer in plugins.offers(slot) if offer.distribution == "dig-framework"]
        sections = [_section(offer.name, offer.load()) for offer in built_in]
        (target / f"{slot}.md").write_text("\n\n".join(sections) + "\n")
    for name, record in _RECORDS.items():
        (target / f"{name}.md").write_text(_described(record) + "\n")


def _section(name: str, component: type[BaseModel]) -> str:
    text = inspect.cleandoc(component.__doc__ or "")
    return f"### `{name}`\n\n{text}\n\n{_described(component)}"


def _described(model: type[BaseModel]) -> str:
    """Return the table of a model, its long defaults, and the tables of plain models inside it."""
    parts = [_table(model), *_long_defaults(model)]
    for inner in _inner_models(model):
        first = inspect.cleandoc(inner.__doc__ or "").partition("\n")[0]
        parts.append(f"`{inner.__name__}`: {first}\n\n{_table(inner)}")
    return "\n\n".join(parts)


def _table(model: type[BaseModel]) -> str:
    if not model.model_fields:
        return "It has no settings."
    rows = [
        f"| `{field.alias or name}` | {_kind(field)} | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in model.model_fields.items()
    ]
    return "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


def _long_defaults(model: type[BaseModel]) -> list[str]:
    values = {name: _default_value(field) for name, field in model.model_fields.items()}
    return [
        f"Default of `{name}`:\n\n```yaml\n{format_yaml(to_jsonable_python(value)).strip()}\n```"
        for name, value in values.items()
        if value is not PydanticUndefined and _is_long(value)
    ]


def _inner_models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the models, other than components, that the fields of a model are annotated with."""
    found: dict[type[BaseModel], None] = {}
    pending: list[Any] = [field.annotation for field in model.model_fields.values()]
    while pending:
        kind = pending.pop(0)
        pending += typing.get_args(kind)
        is_model = isinstance(kind, type) and not typing.get_args(kind) and issubclass(kind, BaseModel)
        if is_model and not issubclass(kind, Component) and kind not in _RECORDS.values():
            found[kind] = None
    return list(found)


def _kind(field: FieldInfo) -> str:
    kind = field.annotation
    text = kind.__name__ if isinstance(kind, type) and not getattr(kind, "__args__", None) else str(kind)
    text = re.sub(r"\b(?:[a-z_]+\.)+([A-Za-z])", r"\1", text)
    bounds = [f"{sign} {value}" for sign, value in _bounds(field)]
    return _code(", ".join([text, *bounds]))


def _bounds(field: FieldInfo) -> list[tuple[str, Any]]:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    return [
        (sign, getattr(item, name))
        for item in field.metadata
        for name, sign in signs.items()
        if getattr(item, name, None) is not None
    ]


def _default(field: FieldInfo) -> str:
    value = _default_value(field)
    if value is PydanticUndefined:
        return "required"
    return "below" if _is_long(value) else _code(json.dumps(to_jsonable_python(value)))


def _default_value(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True, validated_data={})


def _is_long(value: Any) -> bool:
    return len(json.dumps(to_jsonable_python(value))) > 80


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
