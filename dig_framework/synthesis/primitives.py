"""Cubes, balls, cylinders and cones of one colour, as in CLEVR."""

from __future__ import annotations

import numpy as np

from dig_framework.derived_seed import derived_seed
from dig_framework.synthesis.draft import FLIPS, TURNS, Draft, Finish, modelled
from dig_framework.synthesis.kinds_containers import BOX_SYMMETRY
from dig_framework.synthesis.model import Model, Symmetry
from dig_framework.synthesis.parts import Part
from dig_framework.synthesis.prints import plain
from dig_framework.synthesis.solids import box, check_library, cylinder

SHAPES = ("cube", "block", "ball", "cylinder", "cone")

_COLORS = (
    (0.42, 0.03, 0.03),
    (0.02, 0.06, 0.45),
    (0.03, 0.28, 0.06),
    (0.75, 0.5, 0.02),
    (0.25, 0.02, 0.3),
    (0.02, 0.35, 0.36),
    (0.2, 0.1, 0.04),
    (0.3, 0.3, 0.31),
)


def primitive_model(shape: str, variant: int, seed: int) -> Model:
    """Return one variant of a shape: a size, a colour and a finish by chance.

    Raises:
        ComponentError: If the library of solids is not installed.
    """
    from manifold3d import Manifold

    check_library()
    rng = np.random.default_rng(derived_seed(seed, "primitive", shape, variant))
    size = rng.uniform(0.04, 0.085)
    if shape == "ball":
        solid, symmetry = Manifold.sphere(size / 2, 96), Symmetry((0.0, 0.0, 1.0))
    elif shape == "cylinder":
        solid, symmetry = cylinder(size / 2, size * rng.uniform(0.6, 1.6)), FLIPS
    elif shape == "cone":
        solid, symmetry = cylinder(size * 0.55, size * rng.uniform(0.8, 1.3), 0.0), TURNS
    elif shape == "block":
        solid, symmetry = (
            box((size, size * rng.uniform(0.5, 0.85), size * rng.uniform(0.9, 1.6)), 0.0008, 8),
            BOX_SYMMETRY,
        )
    else:
        solid, symmetry = box((size, size, size), 0.0008, 8), Symmetry(discrete=cube_turns())
    finish: Finish = "metal" if rng.random() < 0.3 else "rubber" if rng.random() < 0.5 else "plastic"
    image = plain(rng, _COLORS[int(rng.integers(len(_COLORS)))], roughness=0.0)
    wrap = "sides" if shape in ("cube", "block") else "around"
    draft = Draft([Part(solid, image, wrap)], finish, float(rng.uniform(400, 1500)), symmetry=symmetry)
    return modelled(f"{shape}-{variant}", draft)


def cube_turns() -> tuple[tuple[tuple[float, ...], ...], ...]:
    """Return the 23 rotations that leave a cube alone, without the identity."""
    found = []
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0), (1, 0, 2)):
        for signs in np.ndindex(2, 2, 2):
            matrix = np.eye(3)[list(order)] * (1 - 2 * np.array(signs))[:, None]
            if np.linalg.det(matrix) > 0 and not np.array_equal(matrix, np.eye(3)):
                found.append(tuple(tuple(float(value) for value in row) for row in matrix))
    return tuple(found)
