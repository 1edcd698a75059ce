"""From a preset's name, a file or a mapping, and overrides, to a `PipelineConfig`; errors say who set what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from dig_framework.config import PipelineConfig
from dig_framework.config_changes import completed, with_changes
from dig_framework.config_errors import config_error
from dig_framework.errors import ConfigError, ConfigUsageError
from dig_framework.plugins import did_you_mean
from dig_framework.yaml_files import parse_yaml

_BASE = "reference"


def read_config(
    source: str | Path | Mapping[str, Any] | PipelineConfig = _BASE, overrides: Sequence[str] = ()
) -> PipelineConfig:
    """Return the config of a preset's name, a YAML file, a mapping or another config.

    A file states what differs: fields it leaves out come from the preset that `extends` names, or from `reference`, and
    `set` changes single settings in these by path or pattern, see `with_changes`.

    Args:
        source: Where it comes from; a text with a slash or with the suffix .yaml or .yml is a path.
        overrides: `key=value` texts, as `-s` takes them: `renderer=soft`, `fit_schedule.phases.0.steps=10`.

    Raises:
        ConfigError: If the file is not there or is no YAML, or a value does not fit; names the file, the place in it
            and the override that set it. A `ConfigUsageError` if only the preset's name or an override is wrong.
    """
    if isinstance(source, PipelineConfig):
        label, data = source.name, source.model_dump(mode="json")
    elif isinstance(source, Mapping):
        label, data = "config", _extended(dict(source), "config", ())
    else:
        label, data = _read_named(source, ())
    for override in overrides:
        _override(data, override)
    try:
        return PipelineConfig.model_validate(data)
    except ValidationError as error:
        raise config_error(error, data, label, overrides) from error


def preset_names() -> list[str]:
    """Return the names of the configs that come with the package."""
    folder = resources.files("dig_framework") / "presets"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def _read_named(source: str | Path, seen: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    text = str(source)
    if isinstance(source, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        label, name, content = text, Path(text).stem, _file_text(Path(text))
    elif text in preset_names():
        label, name = f"preset {text}", text
        content = (resources.files("dig_framework") / "presets" / f"{text}.yaml").read_text("utf-8")
    else:
        hint = did_you_mean(text, preset_names())
        presets = ", ".join(preset_names())
        kind = ConfigError if seen else ConfigUsageError  # A name in a file is the file's fault.
        raise kind(f"no preset is called {text!r}.{hint} Presets: {presets}. A file ends in .yaml.")
    if label in seen:
        raise ConfigError(f"{label}: extends itself by way of {', '.join(seen)}; take one 'extends' out.")
    data = {"name": name, **_mapping(content, label)}
    return label, _extended(data, label, (*seen, label))


def _extended(data: dict[str, Any], label: str, seen: tuple[str, ...]) -> dict[str, Any]:
    own_base = None if label == f"preset {_BASE}" else _BASE
    base, changes = data.pop("extends", own_base), data.pop("set", {})
    if base is None:
        return with_changes(data, changes, label)
    if not isinstance(base, str):
        raise ConfigError(f"{label}: extends: is a preset's name or a file, not {base!r}.")
    return with_changes({**_read_named(base, seen)[1], **data}, changes, label)


def _file_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"there is no config file {path}. Presets: {', '.join(preset_names())}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as a config: {error}.") from error


def _mapping(content: str, label: str) -> dict[str, Any]:
    try:
        data = parse_yaml(content)
    except yaml.YAMLError as error:
        raise ConfigError(f"{label}: is no plain YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise ConfigError(f"{label}: a config is a mapping of settings, not {type(data).__name__}.")
    return data


def _override(data: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigUsageError(f"-s wants key=value, such as renderer=soft; it was given {override!r}.")
    fields = [field.alias or name for name, field in PipelineConfig.model_fields.items()]
    top, *path = key.split(".")
    if top not in fields:
        raise ConfigUsageError(f"-s {override}: no setting is called {top!r}.{did_you_mean(top, fields)}")
    try:
        value = parse_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigUsageError(f"-s {override}: the value is no plain YAML: {' '.join(str(error).split())}.") from error
    whole = path in ([], ["type"])  # Another component has other settings; those of the old one must not stay.
    data[top] = value if whole else _replaced(completed(top, data.get(top, {})), path, value, override)


def _replaced(node: Any, path: Sequence[str], value: Any, override: str) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(node, dict):
        return {**node, step: _replaced(node.get(step, {} if rest else None), rest, value, override)}
    if not isinstance(node, list):
        shown = "null" if node is None else repr(node)
        raise ConfigUsageError(f"-s {override}: there is nothing to set in {shown}; choose a component first.")
    if not step.isdigit() or int(step) >= len(node):
        raise ConfigUsageError(f"-s {override}: {step!r} is no position in a list of {len(node)}; they count from 0.")
    return [_replaced(item, rest, value, override) if i == int(step) else item for i, item in enumerate(node)]
