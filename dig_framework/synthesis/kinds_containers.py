"""Closed containers: bottles, cans, jars, boxes."""

from __future__ import annotations

import math

import numpy as np

from dig_framework.synthesis.draft import FLIPS, HALF_TURN_X, TURNS, Draft
from dig_framework.synthesis.model import Symmetry
from dig_framework.synthesis.parts import Part
from dig_framework.synthesis.prints import banded, carton, labelled, plain, random_color
from dig_framework.synthesis.solids import box, cylinder, lathe, rod, sweep

Generator = np.random.Generator

_HALF_Z = ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0))
_HALF_Y = ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
BOX_SYMMETRY = Symmetry(discrete=(HALF_TURN_X, _HALF_Y, _HALF_Z))
"""Half turns about the three axes."""
HALF_TURN = Symmetry(discrete=(_HALF_Z,))
"""The half turn about z."""


def bottle(rng: Generator) -> Draft:
    """Return a drinks bottle with a screw cap."""
    radius, height = rng.uniform(0.029, 0.038), rng.uniform(0.18, 0.25)
    neck, shoulder = rng.uniform(0.012, 0.0145), rng.uniform(0.55, 0.72) * height
    waist = rng.uniform(0, 0.003)
    profile = [(0.0, 0.0), (radius * 0.85, 0.0), (radius * 0.96, 0.002), (radius, 0.007)]
    profile += [
        (radius - waist * math.sin(math.pi * t) ** 2, 0.007 + (shoulder - 0.007) * t) for t in np.linspace(0.05, 1, 16)
    ]
    end = height - 0.022
    profile += [
        (neck + (radius - neck) * (1 + math.cos(math.pi * t)) / 2, shoulder + (end - shoulder) * t)
        for t in np.linspace(0.08, 1, 14)
    ]
    profile += [(0.0, end)]
    cap = cylinder(neck * 1.15, 0.022, neck * 1.12).translate([0, 0, end - 0.0002])
    body = labelled(rng, random_color(rng), 0.35, 0.75)
    return Draft(
        [Part(lathe(profile), body), Part(cap, plain(rng, random_color(rng)))], "plastic", 950.0, symmetry=TURNS
    )


def squeeze_bottle(rng: Generator) -> Draft:
    """Return a flat bottle of sauce with a conical cap."""
    radius, height, flat = rng.uniform(0.036, 0.044), rng.uniform(0.14, 0.17), rng.uniform(0.6, 0.75)
    profile = [(0.0, 0.0), (radius * 0.9, 0.0), (radius, 0.004)]
    profile += [
        (radius * (1 - 0.07 * math.sin(math.pi * t) ** 2), 0.004 + height * 0.7 * t) for t in np.linspace(0.05, 1, 14)
    ]
    profile += [
        (0.014 + (radius - 0.014) * math.cos(t), 0.004 + height * 0.7 + height * 0.2 * math.sin(t))
        for t in np.linspace(0.12, math.pi / 2, 12)
    ]
    top = profile[-1][1]
    body = lathe([*profile, (0.0, top)]).scale([1.0, flat, 1.0])
    cap = cylinder(0.0145, 0.02, 0.0135).translate([0, 0, top - 0.002])
    tip = cylinder(0.006, 0.02, 0.0025).translate([0, 0, top + 0.0175])
    color = random_color(rng, (0.7, 0.95), 0.85)
    lid = plain(rng, random_color(rng))
    return Draft(
        [Part(body, labelled(rng, color, 0.25, 0.75)), Part(cap, lid), Part(tip, lid)],
        "plastic",
        1000.0,
        symmetry=HALF_TURN,
    )


def soap_bottle(rng: Generator) -> Draft:
    """Return a bottle of soap with a pump."""
    width, depth, height = rng.uniform(0.06, 0.075), rng.uniform(0.04, 0.05), rng.uniform(0.11, 0.14)
    body = box((width, depth, height), 0.0125).translate([0, 0, height / 2])
    neck = cylinder(0.012, 0.018).translate([0, 0, height - 0.002])
    stem = cylinder(0.004, 0.035).translate([0, 0, height + 0.014])
    head = rod((0.0, 0, height + 0.05), (-0.012, 0, height + 0.05), 0.008)
    spout = rod((0.0, 0, height + 0.051), (0.034, 0, height + 0.047), 0.0055, 0.0038)
    white = plain(rng, (0.82, 0.82, 0.8))
    shown = labelled(rng, random_color(rng, (0.2, 0.8), 0.8), 0.25, 0.85)
    return Draft([Part(body, shown), *(Part(item, white) for item in (neck, stem, head, spout))], "plastic", 950.0)


def spray_bottle(rng: Generator) -> Draft:
    """Return a bottle with a trigger."""
    radius, height = rng.uniform(0.033, 0.04), rng.uniform(0.13, 0.16)
    profile = [(0.0, 0.0), (radius * 0.92, 0.0), (radius, 0.004), (radius, height * 0.6)]
    profile += [
        (0.013 + (radius - 0.013) * (1 + math.cos(math.pi * t)) / 2, height * (0.6 + 0.4 * t))
        for t in np.linspace(0.1, 1, 10)
    ]
    body = lathe([*profile, (0.0, height)]).scale([1.0, 0.8, 1.0])
    collar = cylinder(0.0155, 0.02).translate([0, 0, height - 0.004])
    head = box((0.085, 0.024, 0.03), 0.008).translate([0.012, 0, height + 0.03])
    nozzle = rod((0.05, 0, height + 0.034), (0.062, 0, height + 0.034), 0.007)
    trigger = rod((0.03, 0, height + 0.02), (0.042, 0, height - 0.018), 0.0055, 0.005)
    paint = plain(rng, random_color(rng))
    top = [Part(item, paint) for item in (collar, head, nozzle, trigger)]
    return Draft([Part(body, labelled(rng, random_color(rng, value=0.85), 0.4, 0.9)), *top], "plastic", 800.0)


def can(rng: Generator) -> Draft:
    """Return a food or drinks can with rims."""
    radius, height = rng.uniform(0.031, 0.043), rng.uniform(0.09, 0.13)
    return Draft([_tin(rng, radius, height)], "metal", 1050.0, 0.4, symmetry=FLIPS)


def flat_can(rng: Generator) -> Draft:
    """Return a low can, as of fish."""
    radius, height = rng.uniform(0.038, 0.052), rng.uniform(0.03, 0.045)
    return Draft([_tin(rng, radius, height)], "metal", 1050.0, 0.4, symmetry=FLIPS)


def _tin(rng: Generator, radius: float, height: float) -> Part:
    rim, lip = radius + 0.0012, 0.0028
    half = [
        (0.0, 0.0012),
        (radius - 0.003, 0.0012),
        (radius - 0.0025, 0.0),
        (rim, 0.0),
        (rim, lip),
        (radius, lip + 0.001),
    ]
    profile = [*half, *((r, height - z) for r, z in reversed(half))]
    image = labelled(rng, (0.55, 0.55, 0.56), 0.06, 0.94)
    return Part(lathe(profile), image)


def jar(rng: Generator) -> Draft:
    """Return a jar with a lid."""
    radius, height = rng.uniform(0.032, 0.042), rng.uniform(0.085, 0.12)
    profile = [
        (0.0, 0.0),
        (radius * 0.9, 0.0),
        (radius, 0.006),
        (radius, height - 0.018),
        (radius * 0.88, height - 0.01),
    ]
    lid = cylinder(radius * 0.93, 0.016).translate([0, 0, height - 0.0105])
    body = labelled(rng, random_color(rng, (0.4, 0.9), 0.55), 0.2, 0.8)
    return Draft(
        [Part(lathe([*profile, (0.0, height - 0.01)]), body), Part(lid, plain(rng, random_color(rng)))],
        "plastic",
        1250.0,
        symmetry=TURNS,
    )


def cereal_box(rng: Generator) -> Draft:
    """Return a tall carton."""
    sides = (rng.uniform(0.12, 0.16), rng.uniform(0.045, 0.065), rng.uniform(0.18, 0.22))
    return Draft([Part(box(sides, 0.0015, 8), carton(rng), "sides")], "card", 250.0, symmetry=BOX_SYMMETRY)


def small_box(rng: Generator) -> Draft:
    """Return a small carton, as of tea or pudding."""
    sides = (rng.uniform(0.07, 0.1), rng.uniform(0.028, 0.06), rng.uniform(0.06, 0.09))
    return Draft([Part(box(sides, 0.001, 8), carton(rng), "sides")], "card", 450.0, symmetry=BOX_SYMMETRY)


def milk_carton(rng: Generator) -> Draft:
    """Return a carton with a gable."""
    from manifold3d import Manifold

    side, height, ridge = rng.uniform(0.065, 0.075), rng.uniform(0.13, 0.17), rng.uniform(0.02, 0.03)
    body = box((side, side, height), 0.001, 8).translate([0, 0, height / 2])
    half, low = side / 2 - 0.0006, height - 0.001
    corners = [[x, y, low] for x in (-half, half) for y in (-half, half)] + [
        [x, 0, height + ridge] for x in (-half, half)
    ]
    gable = Manifold.hull_points(np.array(corners))
    seam = box((side - 0.002, 0.003, 0.018)).translate([0, 0, height + ridge + 0.006])
    image, roof = carton(rng), plain(rng, random_color(rng))
    return Draft(
        [Part(body, image, "sides"), Part(gable, roof, "sides"), Part(seam, roof, "sides")],
        "card",
        980.0,
        symmetry=HALF_TURN,
    )


def toothpaste(rng: Generator) -> Draft:
    """Return a tube that lies flat."""
    from manifold3d import Manifold

    length, radius = rng.uniform(0.13, 0.16), rng.uniform(0.017, 0.021)
    ring = cylinder(radius, 0.004).rotate([0, 90, 0]).translate([length, 0, radius])
    fold = box((0.004, 2.9 * radius, 0.002)).translate([0, 0, radius * 0.2 + 0.001])
    body = Manifold.batch_hull([ring, fold])
    cap = cylinder(radius * 0.75, 0.025).rotate([0, 90, 0]).translate([length + 0.0035, 0, radius])
    return Draft([Part(body, carton(rng), "sides"), Part(cap, plain(rng, random_color(rng)))], "plastic", 1100.0)


def thermos(rng: Generator) -> Draft:
    """Return a flask with a strap on its lid."""
    radius, height = rng.uniform(0.032, 0.038), rng.uniform(0.19, 0.23)
    body = lathe(
        [
            (0, 0),
            (radius * 0.96, 0),
            (radius, 0.003),
            (radius, height * 0.8),
            (radius * 0.85, height * 0.84),
            (0, height * 0.84),
        ]
    )
    lid = cylinder(radius * 0.86, height * 0.13, radius * 0.8).translate([0, 0, height * 0.838])
    turn = np.linspace(0, math.pi, 24)
    arch = np.stack([radius * 0.6 * np.cos(turn), 0 * turn, height * 0.955 + 0.024 * np.sin(turn)], -1)
    strap = sweep(arch, np.full((24, 2), 0.003) * [2.2, 1.0], (0.0, 1.0, 0.0))
    bands = [(0.1, random_color(rng)), (0.9, random_color(rng))]
    dark = plain(rng, (0.05, 0.05, 0.055))
    return Draft(
        [Part(body, banded(rng, bands)), Part(lid, dark), Part(strap, dark)], "satin", 800.0, symmetry=HALF_TURN
    )
