"""The same weights in whole-array operations, face by face and edge by edge: slow, and easy to check by reading."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from dig_framework.mesh import Mesh

_ON_VERTEX = 1e-13
"""Distance, relative to the cage, below which a point is a vertex."""
_ON_EDGE = 1e-8
"""Sine of the angle under which an edge is seen, below which a point between its ends lies on it."""
_ON_FACE = 1e-13
"""Determinant of the unit corners below which a point within a face lies on it."""
_EDGE_ON = 1e-8
"""Solid angle [sr] below which a face is seen edge-on, and contributes nothing (Ju et al., Fig. 4)."""


def slow_mean_value_coordinates(
    points: Float[Tensor, "points 3"], cage: Mesh, chunk: int = 192
) -> Float[Tensor, "points handles"]:
    """Return the weights with which the cage's vertices reproduce each point: points = weights @ cage.vertices.

    Points may lie inside, outside or on the closed cage. Rows sum to one. Worked out in double precision, `chunk`
    points at a time, and returned in the dtype of the points. Not differentiable.
    """
    vertices = cage.vertices.detach().double()
    wanted = points.detach().double()
    edges, opposite, sign = _edges_of_faces(cage.faces)
    rows = [_weights(part, vertices, cage.faces, edges, opposite, sign) for part in wanted.split(chunk)]
    weights = torch.cat(rows) if rows else wanted.new_zeros(0, len(vertices))
    return _balanced(weights, wanted, vertices).to(points)


def _edges_of_faces(
    faces: Int[Tensor, "faces 3"],
) -> tuple[Int[Tensor, "edges 2"], Int[Tensor, "faces 3"], Float[Tensor, "faces 3"]]:
    """Return each edge once, the edge opposite to every corner, and +1 or -1 as the face runs along it or against."""
    ends = torch.stack([faces[:, [1, 2]], faces[:, [2, 0]], faces[:, [0, 1]]], 1)
    edges, inverse = torch.unique(ends.reshape(-1, 2).sort(1).values, dim=0, return_inverse=True)
    sign = torch.where(ends[..., 0] < ends[..., 1], 1.0, -1.0).double()
    return edges, inverse.reshape(-1, 3), sign


@dataclasses.dataclass(frozen=True)
class _View:
    """The cage as one chunk of points sees it; the last axis counts points, so that corners gather whole rows."""

    distance: Float[Tensor, "handles points"]
    unit: Float[Tensor, "3 handles points"]
    cross: Float[Tensor, "3 edges points"]
    sine: Float[Tensor, "edges points"]
    cosine: Float[Tensor, "edges points"]

    @classmethod
    def of(
        cls, points: Float[Tensor, "points 3"], vertices: Float[Tensor, "handles 3"], edges: Int[Tensor, "edges 2"]
    ) -> _View:
        offset = vertices.T[:, :, None] - points.T[:, None, :]
        distance = offset.square().sum(0).sqrt()
        unit = offset / distance.clamp_min(1e-300)
        start, end = unit[:, edges[:, 0]], unit[:, edges[:, 1]]
        cross = torch.linalg.cross(start, end, dim=0)
        return cls(distance, unit, cross, cross.square().sum(0).sqrt(), (start * end).sum(0))


def _weights(
    points: Float[Tensor, "points 3"],
    vertices: Float[Tensor, "handles 3"],
    faces: Int[Tensor, "faces 3"],
    edges: Int[Tensor, "edges 2"],
    opposite: Int[Tensor, "faces 3"],
    sign: Float[Tensor, "faces 3"],
) -> Float[Tensor, "points handles"]:
    view = _View.of(points, vertices, edges)
    corner_weights, on_face = _corner_weights(view, faces, opposite, sign)
    weights = torch.zeros_like(view.distance)
    for corner in range(3):
        weights.index_add_(0, faces[:, corner], corner_weights[corner])
    _place_on_faces(weights, on_face, view, faces, opposite)
    _place_on_edges(weights, view, edges)
    _place_on_vertices(weights, view.distance, float(vertices.abs().max()))
    return (weights / weights.sum(0)).T


def _corner_weights(
    view: _View, faces: Int[Tensor, "faces 3"], opposite: Int[Tensor, "faces 3"], sign: Float[Tensor, "faces 3"]
) -> tuple[list[Float[Tensor, "faces points"]], Bool[Tensor, "faces points"]]:
    """Return what each face gives its three corners, and which faces each point lies on."""
    arc = torch.atan2(view.sine, view.cosine) / view.sine.clamp_min(1e-300)
    mean_vector = _mean_vector(view.cross, arc, opposite, sign)
    first, along = view.unit[:, faces[:, 0]], view.cross[:, opposite[:, 0]]
    determinant = (first * along).sum(0) * sign[:, :1]
    # tan(solid angle / 2), van Oosterom and Strackee 1983; a negative denominator means more than half a sphere.
    denominator = 1 + view.cosine[opposite].sum(1)
    solid_angle = 2 * torch.atan2(determinant.abs(), denominator)
    on_face = (determinant.abs() <= _ON_FACE) & (denominator < 0)
    skipped = on_face | (solid_angle <= _EDGE_ON)
    scale = (0.5 / determinant.masked_fill(skipped, 1.0)).masked_fill(skipped, 0.0)
    weights = []
    for corner in range(3):
        towards = sum(view.cross[axis][opposite[:, corner]] * mean_vector[axis] for axis in range(3))
        weights.append(towards * sign[:, corner, None] * scale / view.distance[faces[:, corner]].clamp_min(1e-300))
    return weights, on_face


def _mean_vector(
    cross: Float[Tensor, "3 edges points"],
    arc: Float[Tensor, "edges points"],
    opposite: Int[Tensor, "faces 3"],
    sign: Float[Tensor, "faces 3"],
) -> list[Float[Tensor, "faces points"]]:
    """Return twice the mean vector of each face, by axis; `arc` is angle / sine."""
    rows = []
    for axis in range(3):
        turning = cross[axis] * arc
        rows.append(sum(turning[opposite[:, corner]] * sign[:, corner, None] for corner in range(3)))
    return rows


def _place_on_faces(
    weights: Float[Tensor, "handles points"],
    on_face: Bool[Tensor, "faces points"],
    view: _View,
    faces: Int[Tensor, "faces 3"],
    opposite: Int[Tensor, "faces 3"],
) -> None:
    """Give points on a face its barycentric coordinates: the area between the point and the opposite edge."""
    for face, point in on_face.nonzero().tolist():
        corners = faces[face]
        distance = view.distance[corners, point]
        areas = view.sine[opposite[face], point] * distance.prod() / distance
        weights[:, point] = 0
        weights[corners, point] = areas


def _place_on_edges(weights: Float[Tensor, "handles points"], view: _View, edges: Int[Tensor, "edges 2"]) -> None:
    """Give points on an edge the linear coordinates of its ends."""
    for edge, point in ((view.sine <= _ON_EDGE) & (view.cosine < 0)).nonzero().tolist():
        ends = edges[edge]
        weights[:, point] = 0
        weights[ends, point] = view.distance[ends.flip(0), point]


def _place_on_vertices(
    weights: Float[Tensor, "handles points"], distance: Float[Tensor, "handles points"], size: float
) -> None:
    for vertex, point in (distance <= _ON_VERTEX * size).nonzero().tolist():
        weights[:, point] = 0
        weights[vertex, point] = 1


def _balanced(
    weights: Float[Tensor, "points handles"], points: Float[Tensor, "points 3"], vertices: Float[Tensor, "handles 3"]
) -> Float[Tensor, "points handles"]:
    """Take out rounding: the smallest change after which rows sum to one and reproduce the points.

    Within some 1e-8 of an edge, or of the plane of a face, the weights are good to some 1e-8 only; elsewhere this
    changes the last digits. Unused handles of a flat or tiny cage would make the system singular, hence `pinv`.
    """
    affine = torch.cat([torch.ones_like(vertices[:, :1]), vertices], 1)
    target = torch.cat([torch.ones_like(points[:, :1]), points], 1)
    return weights + (target - weights @ affine) @ torch.linalg.pinv(affine)
