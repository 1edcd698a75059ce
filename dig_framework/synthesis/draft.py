"""From painted parts to a model: looks, mass and friction of materials."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import torch

from dig_framework.material import Material
from dig_framework.synthesis.model import Model, Symmetry
from dig_framework.synthesis.parts import Part, united

if TYPE_CHECKING:
    from manifold3d import Manifold

Finish = Literal["plastic", "satin", "ceramic", "glass", "metal", "card", "skin", "rubber", "clay"]

_FINISHES: dict[Finish, tuple[float, float]] = {
    "plastic": (0.35, 60.0),
    "satin": (0.15, 20.0),
    "ceramic": (0.5, 150.0),
    "glass": (0.7, 250.0),
    "metal": (0.8, 40.0),
    "card": (0.06, 12.0),
    "skin": (0.12, 15.0),
    "rubber": (0.05, 8.0),
    "clay": (0.0, 1.0),
}
"""Strength and exponent of the highlight."""
_AMBIENT = 0.35
"""Share of light from everywhere in a room of light walls."""

TURNS = Symmetry(axis=(0.0, 0.0, 1.0))
"""Of what a lathe made."""
HALF_TURN_X = ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
FLIPS = Symmetry((0.0, 0.0, 1.0), (HALF_TURN_X,))
"""Of what a lathe made with two ends alike."""


@dataclasses.dataclass(frozen=True)
class Draft:
    """What the maker of a kind decides."""

    parts: Sequence[Part]
    finish: Finish
    density: float
    """Mass over the volume of the surface's inside, contents included [kg/m^3]."""
    friction: float = 0.5
    without: Sequence[Manifold] = ()
    """What is cut away."""
    symmetry: Symmetry = dataclasses.field(default_factory=Symmetry)
    transparent: bool = False
    stands: bool = True


def finished(finish: Finish) -> Material:
    """Return the white material of a finish, which colours and textures multiply."""
    specular, shininess = _FINISHES[finish]
    numbers = (_AMBIENT, 1 - _AMBIENT, specular, shininess)
    return Material(torch.ones(3), *(torch.tensor(number) for number in numbers))


def modelled(name: str, draft: Draft) -> Model:
    """Return the model that a draft describes."""
    surface, looks = united(draft.parts, draft.without)
    return Model(
        name, surface, looks, finished(draft.finish), round(float(surface.volume()) * draft.density, 4), draft.friction,
        draft.symmetry, draft.transparent, draft.stands,
    )  # fmt: skip
