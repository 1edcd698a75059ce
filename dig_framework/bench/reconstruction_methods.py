"""What the benchmark of reconstruction compares: shapes alone, presets, and configs of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dig_framework.bench.baselines import BASELINES
from dig_framework.config import PipelineConfig
from dig_framework.config_reading import preset_names, read_config
from dig_framework.pipeline import planned

PRESETS: Mapping[str, str] = {
    "B7 fit-mesh": "fit-mesh",
    "B8 paper": "paper",
    "preview": "preview",
    "quickstart": "quickstart",
    "reference": "reference",
}
"""Presets by the name that tables use; those that are not there are passed over."""

SLOW = ("B8 paper",)
"""Methods that take minutes an image, and run only where they are named or the condition is for them."""

_SHAPE_ALONE: Mapping[str, Any] = {
    "extends": "quickstart",
    "fit_schedule": None,
    "deformation": None,
    "deform_schedule": None,
    "policy": None,
}


class Method(NamedTuple):
    """A config, and which of its stages are scored."""

    name: str
    config: PipelineConfig
    stages: tuple[str, ...]
    """Those that give a scene, in order."""


def chosen_methods(names: Sequence[str] = (), slow: bool = False) -> list[Method]:
    """Return methods by name; without names all that are not slow, or with `slow` those too.

    A name is the first word of a table's, such as `B5`; any other is a preset's or a file's.

    Raises:
        ConfigError: If there is no such preset or file.
    """
    known = [*BASELINES, *(name for name, preset in PRESETS.items() if preset in preset_names())]
    wanted = [name for name in known if slow or name not in SLOW]
    if names:
        wanted = [full for name in names for full in _starting(name, known) or [name]]
    return [_method(name) for name in dict.fromkeys(wanted)]


def _starting(word: str, known: Sequence[str]) -> list[str]:
    return [name for name in known if name.partition(" ")[0] == word]


def _method(name: str) -> Method:
    if name in BASELINES:
        return method_of(name, read_config({**_SHAPE_ALONE, "name": "shape", "shape": dict(BASELINES[name])}))
    return method_of(name, read_config(PRESETS.get(name, name)))


def method_of(name: str, config: PipelineConfig) -> Method:
    """Return a config as a method, all its scenes scored; what is uncertain about the last one changes none."""
    config = config.with_settings({"uncertainty": None})
    return Method(name, config, tuple(stage.name for stage in planned(config) if stage.gives == "scene"))
