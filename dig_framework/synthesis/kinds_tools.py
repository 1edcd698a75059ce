"""Tools and desk things, most of which lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dig_framework.synthesis.draft import FLIPS, Draft
from dig_framework.synthesis.parts import Part
from dig_framework.synthesis.prints import banded, plain, random_color
from dig_framework.synthesis.solids import box, cylinder, plate, rod, sweep

if TYPE_CHECKING:
    from manifold3d import Manifold

Generator = np.random.Generator
_STEEL = (0.42, 0.43, 0.45)


def hammer(rng: Generator) -> Draft:
    """Return a claw hammer."""
    length, thick = rng.uniform(0.2, 0.27), rng.uniform(0.011, 0.014)
    grip = rod((0, 0, 0), (0, -length * 0.42, 0), thick * 1.15, thick * 1.25)
    shaft = rod((0, -length * 0.3, 0), (0, length * 0.5, 0), thick * 0.75)
    face = cylinder(0.0145, 0.035).rotate([0, 90, 0]).translate([0.012, length * 0.5, 0])
    block = box((0.034, 0.024, 0.024), 0.003).translate([0, length * 0.5, 0])
    turn = np.linspace(0, 1.1, 18)
    spine = np.stack([-0.012 - 0.05 * np.sin(turn), length * 0.5 - 0.05 * (1 - np.cos(turn)), 0 * turn], -1)
    claw = sweep(spine, np.linspace(1, 0.25, 18)[:, None] * [[0.012, 0.009]], (0.0, 0.0, 1.0))
    slot = box((0.045, 0.05, 0.004)).translate([-0.055, length * 0.5 - 0.02, 0])
    steel, rubber = plain(rng, _STEEL), plain(rng, random_color(rng, value=0.5))
    parts = [Part(shaft, rubber), Part(grip, rubber), Part(face, steel), Part(block, steel), Part(claw - slot, steel)]
    return Draft(parts, "metal", 2600.0, 0.55, stands=False)


def screwdriver(rng: Generator) -> Draft:
    """Return a screwdriver with a ribbed handle."""
    shaft, radius, grip = rng.uniform(0.08, 0.13), rng.uniform(0.0125, 0.016), rng.uniform(0.085, 0.105)
    handle = rod((0, radius, 0), (0, grip - radius, 0), radius, radius * 0.88)
    ribs = [
        cylinder(0.003, grip * 0.6, segments=16)
        .rotate([-90, 0, 0])
        .translate([radius * 1.1 * math.cos(t), grip * 0.2, radius * 1.1 * math.sin(t)])
        for t in np.linspace(0, 2 * math.pi, 7)[:-1]
    ]
    for rib in ribs:
        handle -= rib
    steel = plain(rng, _STEEL)
    rod_part = cylinder(0.0032, shaft, segments=24).rotate([90, 0, 0]).translate([0, 0.004, 0])
    blade = box((0.008, 0.012, 0.0016)).translate([0, -shaft, 0])
    bands = [(0.3, random_color(rng)), (0.7, random_color(rng))]
    return Draft(
        [Part(handle, banded(rng, bands)), Part(rod_part, steel), Part(blade, steel)], "plastic", 1500.0, stands=False
    )


def wrench(rng: Generator) -> Draft:
    """Return an open-ended wrench with a ring."""
    length, wide, thick = rng.uniform(0.15, 0.21), rng.uniform(0.014, 0.018), rng.uniform(0.006, 0.008)
    bar = box((wide, length, thick), 0.002).translate([0, 0, 0])
    head = cylinder(wide * 1.25, thick * 1.3).translate([0, length / 2, -thick * 0.65])
    ring = cylinder(wide * 1.05, thick * 1.3).translate([0, -length / 2, -thick * 0.65])
    jaw = box((wide * 1.05, wide * 2.2, 3 * thick)).rotate([0, 0, 15]).translate([0, length / 2 + wide * 1.1, 0])
    hole = cylinder(wide * 0.62, 3 * thick, segments=12).translate([0, -length / 2, -1.5 * thick])
    steel = plain(rng, _STEEL, roughness=0.06)
    return Draft(
        [Part(item, steel, "sides") for item in (bar, head, ring)],
        "metal",
        7800.0,
        0.4,
        without=[jaw, hole],
        stands=False,
    )


def scissors(rng: Generator) -> Draft:
    """Return closed scissors."""
    blade, opening = rng.uniform(0.075, 0.1), rng.uniform(0.04, 0.1)
    steel, grip = plain(rng, _STEEL), plain(rng, random_color(rng))
    parts = []
    for side in (-1, 1):
        outline = [(0.009, -0.012), (0.006, blade * 0.6), (0.0, blade), (-0.004, blade * 0.6), (-0.006, -0.012)]
        leaf = plate(outline, 0.0026).scale([float(side), 1, 1]).translate([0, 0, 0.0012 * side])
        shank = rod((0, -0.008, 0), (0.011, -0.035, 0), 0.005, 0.0045)
        turn = np.linspace(0, 2 * math.pi, 40)
        loop = np.stack([0.023 + 0.0135 * np.cos(turn), -0.058 + 0.024 * np.sin(turn), 0 * turn], -1)
        ring = _ring(loop, 0.0042)
        for item, image in (
            (leaf, steel),
            (shank.scale([float(side), 1, 1]), grip),
            (ring.scale([float(side), 1, 1]), grip),
        ):
            parts.append(Part(item.rotate([0, 0, math.degrees(opening) * side]), image, "sides"))
    pin = cylinder(0.004, 0.008).translate([0, 0, -0.004])
    return Draft([*parts, Part(pin, steel)], "metal", 2800.0, 0.45, stands=False)


def _ring(loop: np.ndarray, radius: float) -> Manifold:
    """Return a closed loop of a wire of balls' hulls."""
    wire = None
    for first, last in zip(loop[:-1:2], loop[2::2], strict=False):
        piece = rod(first.tolist(), last.tolist(), radius, segments=12)
        wire = piece if wire is None else wire + piece
    closing = rod(loop[-1].tolist(), loop[0].tolist(), radius, segments=12)
    return closing if wire is None else wire + closing


def clamp(rng: Generator) -> Draft:
    """Return a screw clamp in the shape of a C."""
    gap, depth, thick = rng.uniform(0.06, 0.085), rng.uniform(0.05, 0.07), rng.uniform(0.006, 0.008)
    frame = box((depth, 0.014, 2 * thick), 0.002).translate([depth / 2, gap / 2, 0])
    frame += box((depth, 0.014, 2 * thick), 0.002).translate([depth / 2, -gap / 2, 0])
    frame += box((0.014, gap + 0.014, 2 * thick), 0.002)
    screw = cylinder(0.005, gap * 1.25, segments=32).rotate([90, 0, 0]).translate([depth * 0.9, gap * 0.36, 0])
    pad = cylinder(0.011, 0.006).rotate([90, 0, 0]).translate([depth * 0.9, gap * 0.38, 0])
    bar = rod((depth * 0.9 - 0.022, -gap * 0.86, 0), (depth * 0.9 + 0.022, -gap * 0.86, 0), 0.003)
    steel, paint = plain(rng, _STEEL), plain(rng, random_color(rng, value=0.6))
    return Draft(
        [Part(frame, paint, "sides"), *(Part(item, steel) for item in (screw, pad, bar))],
        "metal",
        5000.0,
        0.5,
        stands=False,
    )


def power_drill(rng: Generator) -> Draft:
    """Return a cordless drill that stands on its battery."""
    height, reach = rng.uniform(0.16, 0.19), rng.uniform(0.1, 0.13)
    battery = box((0.075, 0.055, 0.035), 0.007).translate([0, 0, 0.0175])
    grip = rod((0.004, 0, 0.03), (0.0, 0, height - 0.03), 0.0165, 0.019)
    motor = rod((-0.045, 0, height), (reach * 0.45, 0, height), 0.026, 0.0245)
    chuck = cylinder(0.021, 0.035, 0.014).rotate([0, 90, 0]).translate([reach * 0.45 + 0.014, 0, height])
    bit = cylinder(0.003, 0.045, segments=20).rotate([0, 90, 0]).translate([reach * 0.45 + 0.045, 0, height])
    trigger = rod((0.019, 0, height - 0.042), (0.017, 0, height - 0.055), 0.008)
    dark, paint = plain(rng, (0.04, 0.04, 0.045)), plain(rng, random_color(rng, (0.7, 0.95), 0.7))
    pairs = ((battery, dark), (grip, paint), (motor, paint), (chuck, dark), (bit, plain(rng, _STEEL)), (trigger, dark))
    return Draft([Part(item, image) for item, image in pairs], "satin", 1500.0, 0.55)


def marker(rng: Generator) -> Draft:
    """Return a felt pen with its cap on."""
    length, radius = rng.uniform(0.115, 0.14), rng.uniform(0.0075, 0.0095)
    ink = random_color(rng)
    body = cylinder(radius, length * 0.7).rotate([90, 0, 0]).translate([0, 0.002, 0])
    cap = cylinder(radius * 1.08, length * 0.3, radius * 0.9).rotate([-90, 0, 0])
    clip = box((0.004, length * 0.22, 0.003), 0.001).translate([0, length * 0.14, radius * 1.1])
    base = Part(body, plain(rng, (0.8, 0.8, 0.78)))
    return Draft([base, Part(cap, plain(rng, ink)), Part(clip, plain(rng, ink))], "plastic", 900.0, stands=False)


def stapler(rng: Generator) -> Draft:
    """Return a stapler."""
    length, wide = rng.uniform(0.11, 0.14), rng.uniform(0.03, 0.036)
    foot = box((length, wide, 0.008), 0.003).translate([0, 0, 0.004])
    arm = box((length * 0.95, wide * 0.8, 0.022), 0.008).rotate([0, -7, 0]).translate([-0.002, 0, 0.032])
    hinge = box((length * 0.25, wide * 0.7, 0.026), 0.003).translate([-length * 0.36, 0, 0.016])
    paint = plain(rng, random_color(rng, value=0.5))
    dark = plain(rng, (0.06, 0.06, 0.065))
    return Draft([Part(foot, dark, "sides"), Part(arm, paint, "sides"), Part(hinge, dark, "sides")], "plastic", 1300.0)


def tape_roll(rng: Generator) -> Draft:
    """Return a roll of tape."""
    radius, wide = rng.uniform(0.036, 0.052), rng.uniform(0.018, 0.048)
    ring = cylinder(radius, wide) - cylinder(radius * rng.uniform(0.6, 0.75), 3 * wide).translate([0, 0, -wide])
    return Draft([Part(ring, plain(rng, random_color(rng)))], "plastic", 950.0, symmetry=FLIPS)
