"""Procedural household objects as closed triangle meshes, z up, standing on z = 0 [m]."""

from __future__ import annotations

import dataclasses

import numpy as np
import trimesh

Array = np.ndarray


@dataclasses.dataclass(frozen=True)
class Solid:
    """A closed surface, and the same surface cut open along its texture's seams for rendering."""

    closed: trimesh.Trimesh
    vertices: Array
    faces: Array
    texture_coordinates: Array


def turned(profile: Array, segments: int = 64) -> Solid:
    """Turn a profile of (radius, height) rows, from the axis at the bottom to the axis at the top, about z.

    Texture: u runs once around, v from the lowest (0) to the highest point (1).
    """
    angles = np.linspace(0, 2 * np.pi, segments + 1)
    circle = np.stack([np.cos(angles), np.sin(angles)], -1)
    rings = np.concatenate(
        [profile[:, None, :1] * circle, np.broadcast_to(profile[:, None, 1:], (len(profile), segments + 1, 1))], -1
    )
    heights = profile[:, 1] / profile[:, 1].max()
    u = np.broadcast_to(np.linspace(0, 1, segments + 1), (len(profile), segments + 1))
    coordinates = np.stack([u, np.broadcast_to(heights[:, None], u.shape)], -1)
    faces = _grid_faces(len(profile), segments + 1)
    return _solid(rings.reshape(-1, 3), faces, coordinates.reshape(-1, 2))


def rounded_box(size: tuple[float, float, float], radius: float, cells: int = 12) -> Solid:
    """Return a box with rounded edges; texture: six columns, faces -x +x -y +y -z +z."""
    half = np.array(size) / 2
    ramp = np.sin(np.linspace(-np.pi / 2, np.pi / 2, cells + 1))
    vertices, faces, coordinates = [], [], []
    for side in range(6):
        axis, sign = side // 2, 2 * (side % 2) - 1
        a, b = np.meshgrid(ramp, ramp, indexing="ij")
        cube = np.stack([np.full_like(a, sign), a * sign, b], -1)
        cube = (
            np.roll(cube, axis, -1) * half if axis != 1 else np.stack([-a * sign, np.full_like(a, sign), b], -1) * half
        )
        inner = np.clip(cube, -(half - radius), half - radius)
        outward = cube - inner
        length = np.linalg.norm(outward, axis=-1, keepdims=True)
        vertices.append((inner + radius * outward / length).reshape(-1, 3) + np.array([0.0, 0.0, half[2]]))
        faces.append(_grid_faces(cells + 1, cells + 1)[:, ::-1] + side * (cells + 1) ** 2)
        coordinates.append(np.stack([(side + 0.5 + a / 2 * 0.98) / 6, 0.5 + b / 2], -1).reshape(-1, 2))
    return _solid(np.concatenate(vertices), np.concatenate(faces), np.concatenate(coordinates))


def mug(radius: float, height: float, wall: float) -> Solid:
    """Return a hollow mug with a handle towards +x, one closed solid."""
    lip = np.linspace(0, np.pi, 9)[1:-1]
    outer = [(0, 0), (radius * 0.90, 0), (radius * 0.97, 0.003), (radius, 0.010), (radius, height - wall / 2)]
    rim = [(radius - wall / 2 + wall / 2 * np.cos(t), height - wall / 2 + wall / 2 * np.sin(t)) for t in lip]
    inside = radius - wall
    inner = [(inside, height - wall / 2), (inside, 0.018), (inside * 0.93, 0.010), (inside * 0.8, 0.006), (0, 0.006)]
    body = turned(np.array(outer + rim + inner)).closed
    united = trimesh.boolean.union([body, _handle(radius - wall / 2, height)], engine="manifold")
    united.merge_vertices()
    return Solid(united, united.vertices, united.faces, np.zeros((len(united.vertices), 2)))


def _handle(x: float, height: float, segments: int = 40, around: int = 16) -> trimesh.Trimesh:
    t = np.linspace(-np.pi / 2, np.pi / 2, segments)
    spine = np.stack([x + 0.030 * np.cos(t), 0 * t, height * 0.52 + 0.028 * np.sin(t)], -1)
    tangent = np.stack([-np.sin(t), 0 * t, np.cos(t)], -1)
    side = np.array([0.0, 1.0, 0.0])
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    out = np.cross(side, tangent)
    tube = (
        spine[:, None]
        + 0.0065 * np.sin(angle)[None, :, None] * side
        + 0.0042 * np.cos(angle)[None, :, None] * out[:, None]
    )
    vertices = np.concatenate([tube.reshape(-1, 3), spine[[0, -1]]])
    index = np.arange(segments * around).reshape(segments, around)
    a, b = index[:-1], index[1:]
    c, d = np.roll(b, -1, 1), np.roll(a, -1, 1)
    quads = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    first, last = len(vertices) - 2, len(vertices) - 1
    caps = [[first, index[0, i], index[0, (i + 1) % around]] for i in range(around)]
    caps += [[last, index[-1, (i + 1) % around], index[-1, i]] for i in range(around)]
    mesh = trimesh.Trimesh(vertices, np.concatenate([quads, np.array(caps)]), process=False)
    mesh.fix_normals()
    return mesh


def _grid_faces(rows: int, columns: int) -> Array:
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])


def _solid(vertices: Array, faces: Array, coordinates: Array) -> Solid:
    closed = trimesh.Trimesh(np.round(vertices, 7), faces, process=False)
    closed.merge_vertices(merge_tex=True)
    closed.update_faces(closed.nondegenerate_faces(height=1e-9))
    closed.remove_unreferenced_vertices()
    if not closed.is_watertight:
        raise ValueError("the solid is not closed; check its profile")
    if closed.volume < 0:
        closed.invert()
        faces = faces[:, ::-1]
    return Solid(closed, vertices, faces, coordinates)
