"""Families of scenes: which things are where, and who looks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from dig_framework.errors import InputError
from dig_framework.interfaces.simulator import Simulator
from dig_framework.synthesis.catalogue import Catalogue
from dig_framework.synthesis.occlusion import occluded
from dig_framework.synthesis.packing import pushed_together, touching_group
from dig_framework.synthesis.photograph import Studio
from dig_framework.synthesis.placed import Placed, oriented, settled
from dig_framework.synthesis.viewpoint import Viewpoint, random_viewpoint

FamilyName = Literal["single", "occluded", "clutter", "primitives", "roll"]
ROLLS = 7
"""Images of a scene of the family `roll`: camera angles from 0 to 180 degrees."""
_UPRIGHT = 0.65
"""Chance that a thing which stands by itself is put upright."""
_ATTEMPTS = 30
_REST = 1.5
"""How long things are given to come to rest [s], twice over."""


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """Things at rest on a table, and cameras."""

    things: tuple[Placed, ...]
    views: tuple[Viewpoint, ...]
    roles: tuple[str, ...]
    """Of each thing: `object`, or in the family `occluded` `target` and `occluder`."""


def arranged(
    family: FamilyName, catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator
) -> Arrangement:
    """Return an arrangement of a family.

    Raises:
        InputError: If chance gives none in many attempts, as with meshes that never come to rest.
    """
    for _ in range(_ATTEMPTS):
        found = _FAMILIES[family](catalogue, simulator, studio, rng)
        if found is not None:
            return found
    names = ", ".join(catalogue.kind(number) for number in range(1, min(catalogue.count(), 5) + 1))
    raise InputError(
        f"no scene of the family {family!r} came to rest in {_ATTEMPTS} attempts with models such as {names}; "
        "use others."
    )


def _single(catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator) -> Arrangement | None:
    thing = resting(_chosen(catalogue, rng), catalogue, simulator, rng)
    if thing is None:
        return None
    return Arrangement((thing,), (random_viewpoint(rng, thing.points()),), ("object",))


def _roll(catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator) -> Arrangement | None:
    found = _single(catalogue, simulator, studio, rng)
    if found is None:
        return None
    angles = np.linspace(0, math.pi, ROLLS)
    return dataclasses.replace(found, views=tuple(found.views[0].rolled(float(angle)) for angle in angles))


def _occluded(
    catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator
) -> Arrangement | None:
    target = resting(_chosen(catalogue, rng), catalogue, simulator, rng)
    other = resting(_chosen(catalogue, rng), catalogue, simulator, rng, upright=1.0)
    if target is None or other is None:
        return None
    view = random_viewpoint(rng, target.points(), elevation=(0.3, 0.8))
    placed = occluded(target, other, view, studio, rng)
    return None if placed is None else Arrangement((target, placed), (view,), ("target", "occluder"))


def _clutter(
    catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator
) -> Arrangement | None:
    count = int(rng.integers(4, 9))
    numbers = [_chosen(catalogue, rng) for _ in range(count)]
    rested = [resting(number, catalogue, simulator, rng) for number in numbers]
    dropped = min(2, count - 4)
    packed = pushed_together([thing for thing in rested[: count - dropped] if thing is not None], rng)
    top = max((float(thing.points()[:, 2].max()) for thing in packed), default=0.0)
    for number in numbers[count - dropped :]:
        above = oriented(number, catalogue.model(number), rng, 0.3).lifted(top + 0.01)
        packed.append(above.moved((*rng.uniform(-0.04, 0.04, 2), 0.0)))
        top = float(above.points()[:, 2].max())
    things = settled(packed, simulator, _REST) if packed else None
    if things is None or not simulator.stacking:
        return None
    group = touching_group(things)
    kept = _centred([things[index] for index in group])
    points = np.concatenate([thing.points() for thing in kept]) if kept else np.zeros((0, 3))
    if not 4 <= len(kept) <= 8 or np.ptp(points[:, :2], axis=0).max() > 0.55:
        return None
    return Arrangement(tuple(kept), (random_viewpoint(rng, points, (0.5, 1.2)),), ("object",) * len(kept))


def _primitives(
    catalogue: Catalogue, simulator: Simulator, studio: Studio, rng: np.random.Generator
) -> Arrangement | None:
    count = int(rng.integers(3, 7))
    placed: list[Placed] = []
    for _ in range(40):
        thing = resting(_chosen(catalogue, rng), catalogue, simulator, rng, upright=1.0)
        if thing is None:
            continue
        thing = thing.moved((*rng.uniform(-0.17, 0.17, 2), 0.0))
        if all(_apart(thing, other) for other in placed):
            placed.append(thing)
        if len(placed) == count:
            points = np.concatenate([item.points() for item in placed])
            return Arrangement(tuple(placed), (random_viewpoint(rng, points),), ("object",) * count)
    return None


_FAMILIES: dict[FamilyName, Callable[[Catalogue, Simulator, Studio, np.random.Generator], Arrangement | None]] = {
    "single": _single,
    "occluded": _occluded,
    "clutter": _clutter,
    "primitives": _primitives,
    "roll": _roll,
}
FAMILIES = tuple(_FAMILIES)
"""Names of all families."""


def resting(
    number: int, catalogue: Catalogue, simulator: Simulator, rng: np.random.Generator, upright: float = _UPRIGHT
) -> Placed | None:
    """Return a model that was dropped onto the table and has come to rest about its origin, or None if it rolls on."""
    found = settled([oriented(number, catalogue.model(number), rng, upright)], simulator, _REST)
    return None if found is None else _centred(found)[0]


def _chosen(catalogue: Catalogue, rng: np.random.Generator) -> int:
    return int(rng.integers(1, catalogue.count() + 1))


def _centred(things: Sequence[Placed]) -> list[Placed]:
    if not things:
        return []
    points = np.concatenate([thing.points() for thing in things])[:, :2]
    middle = (points.min(0) + points.max(0)) / 2
    return [thing.moved((*-middle, 0.0)) for thing in things]


def _apart(first: Placed, second: Placed, gap: float = 0.012) -> bool:
    """Whether circles around two things, seen from above, are a gap [m] apart."""
    centers, radii = [], []
    for thing in (first, second):
        flat = thing.points()[:, :2]
        centers.append((flat.min(0) + flat.max(0)) / 2)
        radii.append(float(np.linalg.norm(flat - centers[-1], axis=1).max()))
    return float(np.linalg.norm(centers[0] - centers[1])) > sum(radii) + gap
