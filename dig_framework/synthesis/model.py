"""An object as scenes are made of it."""

from __future__ import annotations

import dataclasses

from dig_framework.material import Material
from dig_framework.mesh import Mesh


@dataclasses.dataclass(frozen=True)
class Symmetry:
    """Rigid motions of an object's frame that leave its shape alone; what is printed on it is ignored."""

    axis: tuple[float, float, float] | None = None
    """About which any turn will do, through the origin; None without one."""
    discrete: tuple[tuple[tuple[float, ...], ...], ...] = ()
    """Other rotation matrices, by rows, the identity left out."""


@dataclasses.dataclass(frozen=True)
class Model:
    """One object, its frame in the middle of its bounding box, z up as it usually stands."""

    name: str
    """Kind and variant."""
    surface: Mesh
    """Closed, without texture, every vertex once; with the colours that the looks have at its vertices [m]."""
    looks: Mesh
    """The same surface as it is drawn: cut along creases and the seams of its texture [m]."""
    material: Material
    mass: float
    """[kg]"""
    friction: float
    """Coulomb coefficient."""
    symmetry: Symmetry = dataclasses.field(default_factory=Symmetry)
    transparent: bool = False
    """Whether depth cameras look through it."""
    stands: bool = True
    """Whether it stands by itself the way its frame says, for it to be put upright."""
