"""Closed solids by turning, sweeping, hulls and set operations, in metres, z up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from dig_framework.errors import ComponentError

if TYPE_CHECKING:
    from manifold3d import Manifold

AROUND = 72
"""Corners of a circle."""


def lathe(profile: Sequence[tuple[float | int, float | int]], segments: int = AROUND) -> Manifold:
    """Return what a closed outline of (radius, height) [m] makes when it turns about z; it begins and ends at the axis.

    Args:
        profile: Corners, counter-clockwise with the radius to the right.
        segments: Corners of a circle.
    """
    from manifold3d import CrossSection

    outline = [(max(0.0, radius), height) for radius, height in profile]
    return CrossSection([np.array(outline)]).revolve(segments)


def shell_profile(
    outer: Sequence[tuple[float | int, float | int]], wall: float, floor: float, rim_steps: int = 5
) -> list[tuple[float, float]]:
    """Return the outline of a vessel with a round rim from its outer side, given from the foot to the rim.

    Args:
        outer: (radius, height) [m], upwards.
        wall: Thickness [m].
        floor: Of the inside above the lowest point [m].
        rim_steps: Corners of the rim.
    """
    radius, top = outer[-1]
    turn = np.linspace(0, math.pi, rim_steps + 2)[1:-1]
    rim = [(radius - wall / 2 + wall / 2 * math.cos(t), top + wall / 2 * math.sin(t)) for t in turn]
    inner = [(max(r - wall, 0.0005), z) for r, z in reversed(outer) if z > floor and r > 2 * wall]
    return [(0.0, outer[0][1]), *outer, *rim, *inner, (max(inner[-1][0] * 0.9, 0.0005), floor), (0.0, floor)]


def box(sides: Sequence[float | int], rounding: float = 0.0, segments: int = 16) -> Manifold:
    """Return a box about the origin with rounded edges [m]."""
    from manifold3d import Manifold

    if rounding <= 0:
        return Manifold.cube(list(sides), True)
    half = np.array(sides) / 2 - rounding
    ball = Manifold.sphere(rounding, segments)
    signs = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    return Manifold.batch_hull([ball.translate(list(half * sign)) for sign in signs])


def rod(
    start: Sequence[float | int],
    end: Sequence[float | int],
    radius: float,
    end_radius: float | None = None,
    segments: int = 24,
) -> Manifold:
    """Return a rod with round ends: the hull of two balls [m]."""
    from manifold3d import Manifold

    last = radius if end_radius is None else end_radius
    balls = [Manifold.sphere(r, segments).translate(list(p)) for r, p in ((radius, start), (last, end))]
    return Manifold.batch_hull(balls)


def cylinder(radius: float, height: float, top: float | None = None, segments: int = AROUND) -> Manifold:
    """Return a cylinder or cone about z that stands on z = 0 [m]."""
    from manifold3d import Manifold

    return Manifold.cylinder(height, radius, radius if top is None else top, segments)


def plate(outline: Sequence[tuple[float | int, float | int]], thickness: float) -> Manifold:
    """Return a polygon of x and y [m], counter-clockwise, as a plate about z = 0."""
    from manifold3d import CrossSection

    return CrossSection([np.array(outline)]).extrude(thickness).translate([0, 0, -thickness / 2])


def sweep(
    spine: Float[np.ndarray, "steps 3"],
    radii: Float[np.ndarray, "steps 2"],
    side: Sequence[float | int],
    around: int = 28,
) -> Manifold:
    """Return a tube of elliptic sections along a curve that does not turn towards `side`, with flat ends.

    Args:
        spine: Middle of the tube [m].
        radii: Along `side` and across it [m].
        side: Unit vector at right angles to the curve everywhere.
        around: Corners of a section.
    """
    from manifold3d import Manifold, Mesh

    tangent = np.gradient(spine, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.cross(tangent, side)
    angle = np.linspace(0, 2 * math.pi, around, endpoint=False)
    rings = spine[:, None] + (
        radii[:, None, :1] * np.cos(angle)[None, :, None] * np.asarray(side)
        + radii[:, None, 1:] * np.sin(angle)[None, :, None] * across[:, None]
    )
    vertices = np.concatenate([rings.reshape(-1, 3), spine[[0, -1]]])
    faces = _tube_faces(len(spine), around)
    mesh = Mesh(vertices.astype(np.float32), faces.astype(np.uint32))
    found = Manifold(mesh)
    return (
        found if found.volume() > 0 else Manifold(Mesh(vertices.astype(np.float32), faces[:, ::-1].astype(np.uint32)))
    )


def _tube_faces(steps: int, around: int) -> np.ndarray:
    index = np.arange(steps * around).reshape(steps, around)
    a, b = index[:-1], index[1:]
    c, d = np.roll(b, -1, 1), np.roll(a, -1, 1)
    sides = [np.stack([a, d, b], -1).reshape(-1, 3), np.stack([d, c, b], -1).reshape(-1, 3)]
    first, last = steps * around, steps * around + 1
    start = np.stack([np.full(around, first), np.roll(index[0], -1), index[0]], -1)
    end = np.stack([np.full(around, last), index[-1], np.roll(index[-1], -1)], -1)
    return np.concatenate([*sides, start, end])


def check_library() -> None:
    """Raise ComponentError if the library of solids is not there."""
    try:
        import manifold3d  # noqa: F401
    except ImportError as error:
        raise ComponentError(
            f"objects are made with manifold3d, which does not import ({error}): pip install manifold3d."
        ) from error
