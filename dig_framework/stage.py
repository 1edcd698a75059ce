"""One step of a pipeline, and the list of all steps."""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any


@dataclasses.dataclass(frozen=True)
class Stage:
    """A plain function with what it may know; it is given nothing else, so its key cannot lie."""

    name: str
    function: str
    """Where it is, as `module:function`; imported when it is first run."""
    needs: tuple[str, ...]
    """Data it takes, which the input or earlier stages gave; each an argument of that name. A dotted name is a part of
    the data, and its last word the argument."""
    gives: str
    """Data it returns; replaces what an earlier stage gave under that name."""
    uses: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """Settings it takes: its argument, and the field of the config."""
    reports: bool = False
    """Whether it also takes `report`, to be called with every `FitStep`."""

    def inputs(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data it is given, by argument."""
        paths = [need.split(".") for need in self.needs]
        return {path[-1]: functools.reduce(getattr, path[1:], data[path[0]]) for path in paths}

    def settings(self, config: object) -> dict[str, Any]:
        """Return the settings it is given, by argument."""
        return {argument: getattr(config, field) for argument, field in self.uses.items()}

    def skipped(self, config: object) -> bool:
        """Return whether the config leaves it out: something it uses is null."""
        return any(value is None for value in self.settings(config).values())

    def load(self) -> Callable[..., Any]:
        """Import the function."""
        module, _, name = self.function.partition(":")
        return getattr(importlib.import_module(module), name)


STAGES = (
    Stage(
        "segment",
        "dig_framework.stages.segment:segment",
        ("observation",),
        "segmentation",
        {"segmenter": "segmenter", "noise": "noise", "seed": "seed"},
    ),
    Stage(
        "initialize",
        "dig_framework.stages.initialize:initialize",
        ("observation", "segmentation"),
        "scene",
        {"shape": "shape", "noise": "noise", "seed": "seed", "texture": "texture"},
    ),
    Stage(
        "fit",
        "dig_framework.stages.fit:fit",
        ("observation", "segmentation", "scene"),
        "scene",
        {"renderer": "renderer", "schedule": "fit_schedule", "objective": "objective", "noise": "noise"},
        reports=True,
    ),
    Stage(
        "deform",
        "dig_framework.stages.deform:deform",
        ("observation", "segmentation", "scene"),
        "scene",
        {
            "renderer": "renderer",
            "deformation": "deformation",
            "schedule": "deform_schedule",
            "objective": "objective",
            "noise": "noise",
        },
        reports=True,
    ),
    Stage(
        "uncertainty",
        "dig_framework.stages.uncertainty:uncertainty",
        ("observation", "segmentation", "scene"),
        "scene",
        {"settings": "uncertainty", "noise": "noise", "seed": "seed"},
    ),
    Stage(
        "grasp",
        "dig_framework.stages.grasp:grasp",
        ("scene",),
        "grasping",
        {"policy": "policy", "hand": "hand", "simulator": "simulator", "seed": "seed"},
    ),
    Stage(
        "execute",
        "dig_framework.stages.execute:execute",
        ("scene", "grasping.trials"),
        "execution",
        {"robot": "robot", "hand": "hand"},
    ),
)
"""The reference pipeline, in order."""
