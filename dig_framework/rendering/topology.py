"""Edges of a mesh and the faces that meet there, found once for every face tensor."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary


@dataclasses.dataclass(frozen=True, eq=False)
class Topology:
    """Which faces meet at which edge. Vertices at the same place count as one, so that seams are no borders."""

    edges: np.ndarray
    """Vertex indices of each undirected edge once [edges, 2], int64."""
    face_edges: np.ndarray
    """The edge opposite each corner of each face [faces, 3], int64."""
    start: np.ndarray
    """Faces of edge e are `edge_faces[start[e]:start[e + 1]]` [edges + 1], int64."""
    edge_faces: np.ndarray
    """Face indices, grouped by edge [3 faces], int64."""
    turn: np.ndarray
    """1 for edges where exactly two faces meet that turn the same way, -1 where they turn opposite ways, 0 for all
    other edges [edges], int8."""
    closed: bool
    """Whether exactly two faces, turning the same way, meet at every edge."""


_known: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def topology_of(faces: Int[Tensor, "faces 3"], vertices: Float[Tensor, "vertices 3"]) -> Topology:
    """Return the topology of a mesh; remembered as long as its face tensor lives.

    Args:
        faces: Vertex indices.
        vertices: Positions, by which coincident vertices are recognised when the face tensor is first seen.
    """
    version = (faces._version, len(vertices))
    found = _known.get(faces)
    if found is None or found[0] != version:
        found = (version, _build(faces.numpy(), _welded(vertices)))
        _known[faces] = found
    return found[1]


def _welded(vertices: Tensor) -> np.ndarray:
    """Return for every vertex the first one at the same place."""
    _, first, inverse = np.unique(vertices.detach().numpy(), axis=0, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)]


def _build(faces: np.ndarray, welded: np.ndarray) -> Topology:
    corners = welded[faces] if len(faces) else faces
    directed = corners[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2)
    edges, inverse = np.unique(np.sort(directed, 1), axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    count = np.bincount(inverse, minlength=len(edges))
    forward = np.bincount(inverse[directed[:, 0] < directed[:, 1]], minlength=len(edges))
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    edge_faces = np.argsort(inverse, kind="stable") // 3
    closed = bool(len(faces) and (count == 2).all() and (forward == 1).all())
    turn = np.where(count == 2, np.where(forward == 1, 1, -1), 0).astype(np.int8)
    return Topology(edges.astype(np.int64), inverse.reshape(-1, 3), start, edge_faces, turn, closed)


@functools.lru_cache(maxsize=4)
def joined(parts: tuple[Topology, ...], vertex_counts: tuple[int, ...]) -> Topology:
    """Return the topology of several meshes set side by side, all numbered through; remembered a while."""
    if not parts:
        return _build(np.zeros((0, 3), np.int64), np.zeros(0, np.int64))
    vertex = np.cumsum([0, *vertex_counts])
    edge = np.cumsum([0, *(len(part.edges) for part in parts)])
    face = np.cumsum([0, *(len(part.face_edges) for part in parts)])
    shifted = [np.concatenate([getattr(part, name) + offset[k] for k, part in enumerate(parts)])
               for name, offset in (("edges", vertex), ("face_edges", edge), ("edge_faces", face))]  # fmt: skip
    starts = [part.start[:-1] + 3 * face[k] for k, part in enumerate(parts)]
    start = np.concatenate([*starts, [3 * face[-1]]])
    turn = np.concatenate([part.turn for part in parts])
    return Topology(shifted[0], shifted[1], start, shifted[2], turn, all(part.closed for part in parts))
