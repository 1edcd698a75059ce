"""Fruit, bricks, and other solid things."""

from __future__ import annotations

import math

import numpy as np

from dig_framework.synthesis.draft import TURNS, Draft
from dig_framework.synthesis.kinds_containers import BOX_SYMMETRY, HALF_TURN
from dig_framework.synthesis.parts import Part
from dig_framework.synthesis.prints import Color, Image, noise, plain, random_color
from dig_framework.synthesis.solids import box, cylinder, lathe, rod, sweep

Generator = np.random.Generator


def banana(rng: Generator) -> Draft:
    """Return a bent banana with a stalk."""
    bend, length = rng.uniform(0.07, 0.1), rng.uniform(0.16, 0.2)
    turn = np.linspace(-length / bend / 2, length / bend / 2, 44)
    spine = np.stack([bend * np.sin(turn), bend * (1 - np.cos(turn)), 0 * turn], -1)
    share = np.linspace(0, 1, 44)
    thick = rng.uniform(0.016, 0.019) * np.clip(np.sin(math.pi * np.clip(share * 0.94 + 0.03, 0, 1)) ** 0.42, 0.22, 1)
    thick = np.where(share > 0.92, np.maximum(0.0052, thick * 0.6), thick)
    body = sweep(spine, thick[:, None] * [[1.0, 0.94]], (0.0, 0.0, 1.0), 20)
    return Draft([Part(body, _ripe(rng, (0.75, 0.52, 0.06)))], "skin", 950.0, 0.55, stands=False)


def _ripe(rng: Generator, color: Color, spots: float = 1.9) -> Image:
    image = plain(rng, color, 256, 0.06)
    dark = noise(rng, 256, image.shape[1], 3.0) + 0.6 * noise(rng, 256, image.shape[1], 14.0) > spots
    image[dark] *= 0.35
    return image


def apple(rng: Generator) -> Draft:
    """Return an apple with a stalk."""
    radius = rng.uniform(0.034, 0.042)
    turn = np.linspace(-math.pi / 2, math.pi / 2, 40)
    outline = [
        (
            radius * math.cos(t) * (1 + 0.12 * math.sin(t)),
            radius * (0.92 * math.sin(t) - 0.32 * max(0.0, abs(math.sin(t)) - 0.75) * math.copysign(3.2, t)),
        )
        for t in turn
    ]
    outline[0], outline[-1] = (0.0, outline[0][1]), (0.0, outline[-1][1])
    stalk = rod((0, 0, radius * 0.55), (0.004, 0, radius * 1.02), 0.0016, 0.002, 12)
    red = (rng.uniform(0.45, 0.7), rng.uniform(0.05, 0.4), 0.05)
    return Draft(
        [Part(lathe(outline), _ripe(rng, red, 2.4)), Part(stalk, plain(rng, (0.2, 0.12, 0.06)))],
        "skin",
        850.0,
        0.5,
        symmetry=TURNS,
    )


def pear(rng: Generator) -> Draft:
    """Return a pear."""
    radius, height = rng.uniform(0.031, 0.037), rng.uniform(0.08, 0.1)
    share = np.linspace(0, 1, 36)
    outline = [(0.0, 0.002)]
    outline += [
        (radius * math.sin(math.pi * min(t, 0.995)) ** 0.62 * (1 - 0.52 * t**1.4) * 1.12, height * t)
        for t in share[1:-1]
    ]
    outline += [(0.0, height)]
    stalk = rod((0, 0, height * 0.97), (0.005, 0, height * 1.14), 0.0016, 0.002, 12)
    green = (rng.uniform(0.35, 0.6), rng.uniform(0.4, 0.5), 0.08)
    return Draft(
        [Part(lathe(outline), _ripe(rng, green, 2.2)), Part(stalk, plain(rng, (0.2, 0.12, 0.06)))],
        "skin",
        950.0,
        0.5,
        symmetry=TURNS,
    )


def lemon(rng: Generator) -> Draft:
    """Return a lemon that lies."""
    radius, long = rng.uniform(0.025, 0.03), rng.uniform(0.036, 0.044)
    turn = np.linspace(-math.pi / 2, math.pi / 2, 36)
    outline = [(radius * math.cos(t) ** 0.95, long * math.sin(t) + 0.006 * math.sin(t) ** 15) for t in turn]
    outline[0], outline[-1] = (0.0, outline[0][1]), (0.0, outline[-1][1])
    body = lathe(outline).rotate([0, 90, 0])
    return Draft([Part(body, plain(rng, (0.8, 0.6, 0.05), roughness=0.05))], "skin", 950.0, 0.5, stands=False)


def brick(rng: Generator) -> Draft:
    """Return a clay brick with holes."""
    sides = (rng.uniform(0.17, 0.21), rng.uniform(0.08, 0.1), rng.uniform(0.05, 0.06))
    holes = [
        cylinder(0.012, 3 * sides[2], segments=40).translate([x, 0, -1.5 * sides[2]])
        for x in np.linspace(-0.3 * sides[0], 0.3 * sides[0], 3)
    ]
    red = (rng.uniform(0.35, 0.5), rng.uniform(0.12, 0.18), rng.uniform(0.07, 0.1))
    return Draft(
        [Part(box(sides, 0.002, 8), plain(rng, red, 192, 0.14), "sides")],
        "clay",
        1900.0,
        0.65,
        without=holes,
        symmetry=BOX_SYMMETRY,
    )


def sponge(rng: Generator) -> Draft:
    """Return a kitchen sponge with a scouring side."""
    sides = (rng.uniform(0.09, 0.11), rng.uniform(0.06, 0.07), rng.uniform(0.02, 0.028))
    soft = box(sides, 0.004)
    pad = box((sides[0], sides[1], 0.008), 0.003).translate([0, 0, sides[2] / 2])
    yellow = (0.75, rng.uniform(0.45, 0.65), 0.15)
    return Draft(
        [
            Part(soft, plain(rng, yellow, 192, 0.15), "sides"),
            Part(pad, plain(rng, (0.05, 0.2, 0.09), 96, 0.2), "sides"),
        ],
        "clay",
        120.0,
        0.7,
    )


def toy_brick(rng: Generator) -> Draft:
    """Return a large toy brick with studs."""
    unit, count = rng.uniform(0.018, 0.026), int(rng.integers(2, 5))
    body = box((2 * unit, count * unit, 1.1 * unit), 0.0008, 8)
    studs = [
        cylinder(0.3 * unit, 0.24 * unit, segments=36).translate([x * unit, (y - (count - 1) / 2) * unit, 0.549 * unit])
        for x in (-0.5, 0.5)
        for y in range(count)
    ]
    paint = plain(rng, random_color(rng, (0.75, 0.95), 0.75), roughness=0.01)
    return Draft([Part(item, paint, "sides") for item in (body, *studs)], "plastic", 600.0, symmetry=HALF_TURN)


def ball(rng: Generator) -> Draft:
    """Return a tennis-like ball."""
    from manifold3d import Manifold

    radius = rng.uniform(0.03, 0.037)
    return Draft(
        [Part(Manifold.sphere(radius, 72), plain(rng, random_color(rng), 192, 0.12))],
        "rubber",
        400.0,
        0.7,
        symmetry=TURNS,
        stands=False,
    )


def candle(rng: Generator) -> Draft:
    """Return a pillar candle with a dent and a wick."""
    radius, height = rng.uniform(0.028, 0.036), rng.uniform(0.07, 0.13)
    profile = [
        (0, 0),
        (radius, 0),
        (radius, height - 0.004),
        (radius - 0.004, height),
        (0.006, height - 0.006),
        (0, height - 0.006),
    ]
    wick = cylinder(0.0012, 0.012, segments=12).translate([0, 0, height - 0.0065])
    return Draft(
        [
            Part(lathe(profile), plain(rng, random_color(rng, (0.1, 0.6), 0.85))),
            Part(wick, plain(rng, (0.03, 0.03, 0.03))),
        ],
        "satin",
        900.0,
        symmetry=TURNS,
    )
