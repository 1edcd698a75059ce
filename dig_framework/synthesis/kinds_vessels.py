"""Open vessels with walls: mugs, bowls, glasses, plates, pitchers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dig_framework.synthesis.draft import TURNS, Draft
from dig_framework.synthesis.parts import Part
from dig_framework.synthesis.prints import banded, labelled, plain, random_color
from dig_framework.synthesis.solids import cylinder, lathe, plate, rod, shell_profile, sweep

if TYPE_CHECKING:
    from manifold3d import Manifold

Generator = np.random.Generator
_GLAZE = 2300.0


def mug(rng: Generator) -> Draft:
    """Return a mug with a handle."""
    radius, height = rng.uniform(0.036, 0.045), rng.uniform(0.08, 0.105)
    wall, belly = rng.uniform(0.003, 0.0045), rng.uniform(0.0, 0.004)
    outer = [(radius * 0.8, 0.0), (radius * 0.86, 0.0), (radius * 0.93, 0.003)]
    outer += [(radius + belly * math.sin(math.pi * t), 0.008 + (height - 0.008) * t) for t in np.linspace(0, 1, 14)]
    color = random_color(rng)
    return Draft(
        [
            Part(lathe(shell_profile(outer, wall, 0.007)), labelled(rng, color, 0.25, 0.75)),
            Part(handle(radius - wall / 2, height * 0.5, rng.uniform(0.026, 0.032), height * 0.33), plain(rng, color)),
        ],
        "ceramic",
        _GLAZE,
        without=[_inside(outer, wall, 0.007)],
    )


def handle(x: float, middle: float, out: float, half: float, thick: float = 0.0048) -> Manifold:
    """Return half a ring that begins and ends in a wall at x, about a middle height [m]."""
    turn = np.linspace(-math.pi / 2, math.pi / 2, 28)
    spine = np.stack([x + out * np.cos(turn), 0 * turn, middle + half * np.sin(turn)], -1)
    spine = np.concatenate([spine[:1] - [0.002, 0, 0], spine, spine[-1:] - [0.002, 0, 0]])
    return sweep(spine, np.full((len(spine), 2), thick) * [1.35, 0.85], (0.0, 1.0, 0.0))


def bowl(rng: Generator) -> Draft:
    """Return a bowl with a foot."""
    radius, height = rng.uniform(0.06, 0.085), rng.uniform(0.045, 0.065)
    foot, wall = radius * rng.uniform(0.4, 0.55), rng.uniform(0.003, 0.005)
    outer = [(foot * 0.95, 0.0), (foot, 0.0), (foot, 0.004)]
    outer += [
        (
            foot + (radius - foot) * math.sin(math.pi / 2 * t) ** 0.8,
            0.004 + (height - 0.004) * (1 - math.cos(math.pi / 2 * t)),
        )
        for t in np.linspace(0.05, 1, 20)
    ]
    bands = [(0.15, random_color(rng)), (0.85, random_color(rng, (0.0, 0.6), 0.9))]
    return Draft(
        [Part(lathe(shell_profile(outer, wall, 0.008)), banded(rng, bands))], "ceramic", _GLAZE, symmetry=TURNS
    )


def plate_dish(rng: Generator) -> Draft:
    """Return a dinner plate."""
    radius, height, wall = rng.uniform(0.09, 0.12), rng.uniform(0.016, 0.024), rng.uniform(0.0035, 0.005)
    foot = radius * 0.6
    outer = [(foot * 0.97, 0.0), (foot, 0.0), (foot * 1.03, 0.003)]
    outer += [
        (foot * 1.03 + (radius - foot * 1.03) * t, 0.003 + (height - 0.003) * t**0.8) for t in np.linspace(0.1, 1, 10)
    ]
    bands = [(0.12, random_color(rng)), (0.88, random_color(rng, (0.0, 0.25), 0.95))]
    return Draft(
        [Part(lathe(shell_profile(outer, wall, 0.007)), banded(rng, bands))], "ceramic", _GLAZE, symmetry=TURNS
    )


def tumbler(rng: Generator) -> Draft:
    """Return a drinking glass."""
    base, flare = rng.uniform(0.026, 0.033), rng.uniform(0.003, 0.01)
    height, wall = rng.uniform(0.085, 0.13), rng.uniform(0.002, 0.003)
    outer = [
        (base * 0.95, 0.0),
        (base, 0.002),
        *[(base + flare * t, 0.002 + (height - 0.002) * t) for t in np.linspace(0.05, 1, 10)],
    ]
    tint = random_color(rng, (0.03, 0.2), 0.85)
    return Draft(
        [Part(lathe(shell_profile(outer, wall, 0.009)), plain(rng, tint, roughness=0.01))],
        "glass",
        2500.0,
        0.4,
        symmetry=TURNS,
        transparent=True,
    )


def wine_glass(rng: Generator) -> Draft:
    """Return a glass with a stem."""
    radius, stem, cup = rng.uniform(0.032, 0.04), rng.uniform(0.055, 0.075), rng.uniform(0.07, 0.09)
    foot, wall = rng.uniform(0.032, 0.037), 0.0022
    outside = [(foot, 0.0), (foot, 0.002), (foot * 0.5, 0.005), (0.0045, 0.011), (0.0038, stem * 0.6), (0.005, stem)]
    around = [(radius * math.sin(math.pi * (0.1 + 0.58 * t)), stem + 0.004 + cup * t) for t in np.linspace(0, 1, 16)]
    inside = [(r - wall, z + wall * 0.5) for r, z in reversed(around[1:])]
    bottom = [(max(inside[-1][0] * 0.4, 0.001), inside[-1][1] - 0.003), (0.0, inside[-1][1] - 0.0035)]
    profile = [(0.0, 0.0), *outside, *around, *inside, *bottom]
    tint = random_color(rng, (0.02, 0.12), 0.9)
    return Draft(
        [Part(lathe(profile), plain(rng, tint, roughness=0.01))], "glass", 2500.0, 0.4, symmetry=TURNS, transparent=True
    )


def pitcher(rng: Generator) -> Draft:
    """Return a jug with a handle and a spout."""
    radius, height, wall = rng.uniform(0.048, 0.06), rng.uniform(0.15, 0.2), 0.0032
    outer = [(radius * 0.92, 0.0), (radius, 0.004)]
    outer += [
        (radius * (1 + 0.14 * math.sin(2.6 * t) - 0.16 * t**2), 0.004 + (height - 0.004) * t)
        for t in np.linspace(0.04, 1, 20)
    ]
    top = outer[-1][0]
    spout = rod((-top * 0.82, 0, height * 0.86), (-top * 1.3, 0, height * 0.995), top * 0.18, top * 0.27)
    spout -= rod((-top * 0.82, 0, height * 0.88), (-top * 1.31, 0, height * 1.01), top * 0.12, top * 0.21)
    spout = spout.trim_by_plane([0, 0, -1], -height)
    color = random_color(rng)
    grip = handle(outer[13][0] - wall / 2, height * 0.55, rng.uniform(0.034, 0.044), height * 0.3, 0.006)
    body = Part(lathe(shell_profile(outer, wall, 0.006)), plain(rng, color))
    return Draft(
        [body, Part(spout, plain(rng, color)), Part(grip, plain(rng, color))],
        "plastic",
        1100.0,
        without=[_inside(outer, wall, 0.006), _mouth(top, height, wall)],
    )


def _mouth(top: float, height: float, wall: float) -> Manifold:
    """Return what opens the wall towards the spout."""
    return rod((-top + wall, 0, height * 0.985), (-top - wall * 0.5, 0, height * 1.02), top * 0.14)


def cup_stack(rng: Generator) -> Draft:
    """Return paper cups, one in the other, upside down."""
    count, base, height = int(rng.integers(2, 5)), rng.uniform(0.026, 0.03), rng.uniform(0.085, 0.105)
    rim, step = base * 1.42, rng.uniform(0.01, 0.016)
    color = random_color(rng)
    parts = []
    for number in range(count):
        cup = cylinder(rim, height, base).translate([0, 0, number * step])
        lip = cylinder(rim * 1.04, 0.004).translate([0, 0, number * step])
        parts += [Part(cup, labelled(rng, color, 0.3, 0.8)), Part(lip, plain(rng, (0.85, 0.84, 0.8)))]
    hollow = cylinder(rim - 0.002, height - 0.003, base - 0.002).translate([0, 0, -0.0005])
    return Draft(parts, "card", 300.0, without=[hollow], symmetry=TURNS)


def plant_pot(rng: Generator) -> Draft:
    """Return a flower pot with a collar."""
    base, height, wall = rng.uniform(0.03, 0.04), rng.uniform(0.07, 0.095), 0.005
    rim = base * rng.uniform(1.3, 1.5)
    outer = [(base * 0.97, 0.0), (base, 0.001)]
    outer += [(base + (rim - base) * t, 0.001 + 0.72 * height * t) for t in np.linspace(0.1, 1, 6)]
    outer += [(rim + 0.003, 0.72 * height + 0.002), (rim + 0.004, height)]
    brown = (rng.uniform(0.4, 0.6), rng.uniform(0.16, 0.24), rng.uniform(0.07, 0.12))
    return Draft(
        [Part(lathe(shell_profile(outer, wall, 0.007)), plain(rng, brown, roughness=0.08))],
        "clay",
        1900.0,
        0.6,
        symmetry=TURNS,
    )


def basket(rng: Generator) -> Draft:
    """Return a rectangular tray with slots in its walls."""
    long, short, height, wall = rng.uniform(0.13, 0.18), rng.uniform(0.09, 0.12), rng.uniform(0.05, 0.07), 0.003
    outside = plate(rounded_rectangle(long, short, 0.015), height)
    inside = plate(rounded_rectangle(long - 2 * wall, short - 2 * wall, 0.012), height).translate([0, 0, wall])
    slots = [
        plate(rounded_rectangle(0.008, 2 * short, 0.003), height * 0.45).translate([x, 0, height * 0.03])
        for x in np.linspace(-long * 0.36, long * 0.36, 7)
    ]
    slots += [
        plate(rounded_rectangle(2 * long, 0.008, 0.003), height * 0.45).translate([0, y, height * 0.03])
        for y in np.linspace(-short * 0.3, short * 0.3, 4)
    ]
    return Draft([Part(outside, plain(rng, random_color(rng)), "sides")], "satin", 950.0, without=[inside, *slots])


def rounded_rectangle(width: float, depth: float, radius: float, steps: int = 5) -> list[tuple[float, float]]:
    """Return the corners of a rectangle with round corners about the origin [m], counter-clockwise."""
    corners = []
    for number, (x, y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for turn in np.linspace(0, math.pi / 2, steps) + number * math.pi / 2:
            corners.append(
                (x * (width / 2 - radius) + radius * math.cos(turn), y * (depth / 2 - radius) + radius * math.sin(turn))
            )
    return corners


def _inside(outer: list[tuple[float, float]], wall: float, floor: float) -> Manifold:
    """Return the hollow of a vessel, for handles not to reach into."""
    inner = [(r - wall, z) for r, z in outer if z > floor]
    top = inner[-1]
    return lathe([(0.0, floor), (inner[0][0] * 0.9, floor), *inner, (top[0], top[1] + 0.05), (0.0, top[1] + 0.05)])
