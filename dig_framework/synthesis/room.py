"""What is around the objects: a table, a floor, walls with things on them, and lamps."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
from jaxtyping import Float

from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.synthesis.draft import Finish, finished
from dig_framework.synthesis.prints import Image, label, planks, random_color, speckled

TABLE_HEIGHT = 0.74
"""Of the table's surface above the floor [m]."""
LAMP_RADIUS = 0.11
"""Of the balls that lamps are [m]."""


@dataclasses.dataclass(frozen=True)
class Furniture:
    """Something that is not an object of interest, in the table's frame."""

    name: str
    mesh: Mesh
    material: Material


@dataclasses.dataclass(frozen=True)
class Room:
    """Everything but the objects, in the table's frame."""

    furniture: tuple[Furniture, ...]
    """The table first."""
    lamps: tuple[Light, ...]


def random_room(rng: np.random.Generator, azimuth: float) -> Room:
    """Return a room whose walls are where a camera at an azimuth [rad] about the table looks."""
    away = azimuth + math.pi
    parts = [_table(rng, azimuth), _floor(rng)]
    distance = float(rng.uniform(0.9, 2.2))
    parts.append(_wall(rng, away + rng.normal(0, 0.15), distance, 6.0, "wall"))
    for number in range(int(rng.integers(0, 4))):
        parts.append(_poster(rng, away, distance - 0.02 - 0.01 * number, number))
    for number in range(int(rng.integers(0, 3))):
        parts.append(_cabinet(rng, away, distance, number))
    return Room(tuple(parts), _lamps(rng))


def _table(rng: np.random.Generator, azimuth: float) -> Furniture:
    width, depth = rng.uniform(1.0, 1.8), rng.uniform(0.7, 1.1)
    angle = azimuth + math.pi / 2 + rng.normal(0, 0.2)
    center = np.array([*rng.uniform(-0.12, 0.12, 2), -0.015])
    choice = rng.random()
    finish: Finish = "satin"
    if choice < 0.4:
        image = planks(rng)
    elif choice < 0.75:
        image = speckled(rng, random_color(rng, (0.0, 0.25), float(rng.uniform(0.2, 0.9))), contrast=0.05)
    else:
        image, finish = _cloth(rng), "clay"
    mesh = _slab((width, depth, 0.03), image, repeats=2.0 if choice >= 0.75 else 1.0)
    return Furniture("table", _posed(mesh, center, angle), finished(finish))


def _cloth(rng: np.random.Generator) -> Image:
    """Return a woven or checked cloth."""
    ground, stripe = random_color(rng, (0.0, 0.6), 0.7), np.array(random_color(rng, (0.1, 0.8), 0.6))
    image = speckled(rng, ground, contrast=0.07)
    if rng.random() < 0.6:
        wide = int(rng.integers(20, 70))
        bars = (np.arange(512) // wide) % 2 == 0
        share = 0.5 * (bars[:, None].astype(float) + bars[None, :])
        image = image * (1 - share[..., None]) + stripe * share[..., None]
    return np.clip(image, 0.02, 0.92)


def _floor(rng: np.random.Generator) -> Furniture:
    image = planks(rng) if rng.random() < 0.4 else speckled(rng, random_color(rng, (0.0, 0.2), 0.45), contrast=0.12)
    mesh = _sheet(10.0, 10.0, image, repeats=5.0)
    return Furniture("floor", _posed(mesh, np.array([0.0, 0.0, -TABLE_HEIGHT]), rng.uniform(0, 6.28)), finished("clay"))


def _wall(rng: np.random.Generator, azimuth: float, distance: float, width: float, name: str) -> Furniture:
    image = speckled(rng, random_color(rng, (0.0, 0.18), float(rng.uniform(0.45, 0.95))), contrast=0.025)
    mesh = _upright(_sheet(width, 3.4, image, repeats=2.0))
    return Furniture(name, _facing(mesh, azimuth, distance, 0.0, 1.7 - TABLE_HEIGHT), finished("clay"))


def _poster(rng: np.random.Generator, azimuth: float, distance: float, number: int) -> Furniture:
    image = label(rng, 256, 192) if rng.random() < 0.7 else speckled(rng, random_color(rng), 128, 128)
    mesh = _upright(_sheet(float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.3, 0.8)), image))
    aside, height = float(rng.uniform(-0.9, 0.9)), float(rng.uniform(-0.5, 0.5))
    return Furniture(f"poster {number}", _facing(mesh, azimuth, distance, aside, height), finished("card"))


def _cabinet(rng: np.random.Generator, azimuth: float, distance: float, number: int) -> Furniture:
    size = rng.uniform(0.25, 0.7, 3)
    color = random_color(rng, (0.0, 0.5), 0.5)
    mesh = _slab((size[0], size[1], size[2]), speckled(rng, color, 128, 128, 0.05))
    reach = distance - size[1] / 2 - 0.05
    aside = rng.uniform(-1.0, 1.0)
    center = reach * np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    center += aside * np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    center[2] = -TABLE_HEIGHT + size[2] / 2
    return Furniture(f"cabinet {number}", _posed(mesh, center, azimuth + math.pi / 2), finished("satin"))


def _lamps(rng: np.random.Generator) -> tuple[Light, ...]:
    """Return a key light and up to two weaker ones; of all together a white facing surface is about as bright as 1."""
    count = int(rng.integers(1, 4))
    strengths = np.array([1.0, *rng.uniform(0.15, 0.5, count - 1)])
    strengths *= rng.uniform(0.95, 1.35) / strengths.sum()
    lamps = []
    for strength in strengths:
        turn, height, distance = rng.uniform(0, 2 * math.pi), rng.uniform(0.6, 1.4), rng.uniform(1.1, 1.9)
        place = distance * np.array(
            [math.cos(height) * math.cos(turn), math.cos(height) * math.sin(turn), math.sin(height)]
        )
        warmth = float(rng.uniform(-0.12, 0.12))
        tint = strength * np.array([1 + warmth, 1.0, 1 - warmth])
        lamps.append(Light(torch.from_numpy(place).float(), torch.from_numpy(tint).float()))
    return tuple(lamps)


def _sheet(width: float, depth: float, image: Image, repeats: float = 1.0) -> Mesh:
    """Return a rectangle that faces up, about the origin."""
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [width / 2, depth / 2, 0.0]
    uv = repeats * np.array([[0, 1], [1, 1], [1, 0], [0, 0]])
    return Mesh(
        torch.from_numpy(corners).float(), torch.tensor([[0, 1, 2], [0, 2, 3]]), uv=torch.from_numpy(uv).float(),
        texture=torch.from_numpy(image).float(),
    )  # fmt: skip


def _slab(sides: tuple[float, float, float], image: Image, repeats: float = 1.0) -> Mesh:
    """Return a box about the origin whose top shows the image, and its sides a strip of it."""
    half = np.array(sides) / 2
    vertices, faces, uv = [], [], []
    for axis in range(3):
        for sign in (-1, 1):
            a, b = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
            if sign < 0:
                a, b = b, a
            start = len(vertices)
            vertices += [
                half * (sign * np.eye(3)[axis] + p * a + q * b) for p, q in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
            faces += [[start, start + 1, start + 2], [start, start + 2, start + 3]]
            top = axis == 2 and sign > 0
            uv += [(repeats * p, repeats * (q if top else 0.03 * q)) for p, q in ((0, 1), (1, 1), (1, 0), (0, 0))]
    return Mesh(
        torch.tensor(np.array(vertices)).float(), torch.tensor(faces), uv=torch.tensor(uv).float(),
        texture=torch.from_numpy(image).float(),
    )  # fmt: skip


def _upright(mesh: Mesh) -> Mesh:
    """Return a sheet that faced up, now facing -x with its upper edge up."""
    turn = torch.tensor([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    return mesh.replace(vertices=mesh.vertices @ turn.mT)


def _facing(mesh: Mesh, azimuth: float, distance: float, aside: float, height: float) -> Mesh:
    """Return an upright sheet at a distance in a direction about the table, facing the table."""
    forward = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    center = distance * forward + aside * np.array([-forward[1], forward[0], 0.0]) + [0, 0, height]
    return _posed(mesh, center, azimuth)


def _posed(mesh: Mesh, center: Float[np.ndarray, "3"], angle: float) -> Mesh:
    c, s = math.cos(angle), math.sin(angle)
    turn = torch.tensor([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return mesh.replace(vertices=mesh.vertices @ turn.mT + torch.from_numpy(np.asarray(center)).float())
