"""One Markdown table of settings for every built-in component, from the fields of its model."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from dig_framework import plugins
from dig_framework.config import PipelineConfig
from dig_framework.evidence import SensorNoise
from dig_framework.grasp import ParallelJaw
from dig_framework.objective import ObjectiveSettings

_RECORDS = {"objective": ObjectiveSettings, "noise": SensorNoise, "hand": ParallelJaw, "pipeline": PipelineConfig}


def write(target: Path) -> None:
    """Write `SLOT.md` for every slot and `NAME.md` for every other record of settings."""
    target.mkdir(parents=True)
    for slot in plugins.SLOTS:
        built_in = [offer for offer in plugins.offers(slot) if offer.distribution == "dig-framework"]
        sections = [_section(offer.name, offer.load()) for offer in built_in]
        (target / f"{slot}.md").write_text("\n\n".join(sections) + "\n")
    for name, record in _RECORDS.items():
        (target / f"{name}.md").write_text(_table(record) + "\n")


def _section(name: str, component: type[BaseModel]) -> str:
    text = inspect.cleandoc(component.__doc__ or "")
    return f"### `{name}`\n\n{text}\n\n{_table(component)}"


def _table(model: type[BaseModel]) -> str:
    if not model.model_fields:
        return "It has no settings."
    rows = [
        f"| `{name}` | {_kind(field)} | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in model.model_fields.items()
    ]
    return "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


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
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "required"
    text = json.dumps(to_jsonable_python(value))
    return _code(text) if len(text) <= 60 else "see below"


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
