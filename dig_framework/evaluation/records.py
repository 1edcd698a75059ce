"""What was found out about each object and scene, as plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class ObjectRecord:
    """One true object that a box asked for."""

    scene: str
    label: str
    index: int
    """Place of its box."""
    visible_fraction: float | None
    diameter: float
    """Largest distance between two of its points [m]."""
    failure: str | None
    """Why it was not recovered; None if it was."""
    values: Mapping[str, float | None]
    """Of each measure, by name, in SI units; None where it says nothing. A failure has what a failure counts."""


@dataclasses.dataclass(frozen=True)
class SceneRecord:
    """One image."""

    name: str
    run: str | None
    """Its run directory."""
    objects: tuple[ObjectRecord, ...] = ()
    skipped: str | None = None
    """Why it could not be judged, because its input or truth is missing or damaged; such a scene counts nowhere."""
    failure: str | None = None
    """Why the whole run failed; its objects then count as failures."""
    not_asked: int = 0
    """True objects without a box."""
    light_angle: float | None = None
    """Angle between the true and the recovered direction of most light at the objects [rad]."""


def to_json(record: SceneRecord) -> dict[str, Any]:
    """Return a record as plain values."""
    return dataclasses.asdict(record)


def from_json(values: Mapping[str, Any]) -> SceneRecord:
    """Return the record that plain values describe.

    Raises:
        TypeError: If they do not.
    """
    objects = tuple(ObjectRecord(**item) for item in values["objects"])
    return SceneRecord(**{**values, "objects": objects})
