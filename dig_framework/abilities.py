"""What a stage asks of a component, checked when a config is read rather than after an hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from dig_framework import plugins
from dig_framework.fitting.terms import TERMS
from dig_framework.interfaces import Renderer, Schedule

_IMAGES = {
    "depth": "depth",
    "free_space": "depth",
    "mask": "masks",
    "rgb": "color",
    "rgb_background": "color",
    "smooth_depth": "depth",
}
"""The image of a renderer that each image term compares; the other terms compare meshes or materials."""


def check_schedule(stage: str, schedule: Schedule, renderer: Renderer) -> None:
    """Raise ValueError unless every loss term of a schedule exists, and the renderer differentiates what it compares.

    Terms are the keys of whatever the schedule's settings call `loss`, at any depth.
    """
    terms = dict.fromkeys(_terms(schedule))
    for term in terms:
        if term not in TERMS:
            hint = plugins.did_you_mean(term, sorted(TERMS))
            there = f"Terms: {', '.join(sorted(TERMS))}."
            raise ValueError(f"the {stage} schedule has a loss term {term!r}, which does not exist.{hint} {there}")
    known = renderer.differentiable | renderer.interior
    lacking = [term for term in terms if term in _IMAGES and _IMAGES[term] not in known]
    if schedule.needs_gradients and lacking:
        images = ", ".join(dict.fromkeys(_IMAGES[term] for term in lacking))
        claimed = ", ".join(sorted(known)) or "nothing"
        raise ValueError(
            f"the {stage} schedule needs gradients of {images} for {', '.join(lacking)}, but renderer "
            f"{plugins.name_of(type(renderer))!r} differentiates {claimed}. Choose another renderer, leave these terms "
            "out, or take a schedule that needs no gradients, such as 'derivative-free'."
        )


def _terms(value: object) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name == "loss" and isinstance(inner, Mapping):
                yield from (str(term) for term in inner)
            else:
                yield from _terms(inner)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _terms(item)
