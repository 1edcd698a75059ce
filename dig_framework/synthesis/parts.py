"""Painted parts united to one drawable surface."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int

from dig_framework.mesh import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

Wrap = Literal["around", "sides"]
"""How an image lies on a part: once around z with its last row at the lowest point, insides with its first row alone,
or six panels, one for each side of its bounding box: -x, +x, -y, +y, -z, +z."""

TEXELS = 768
"""Columns of every texture."""
_CREASE = math.cos(math.radians(40))


@dataclasses.dataclass(frozen=True)
class Part:
    """A solid and the image that lies on it."""

    solid: Manifold
    image: Float[np.ndarray, "rows columns 3"]
    """Linear RGB reflectance; first row on top."""
    wrap: Wrap = "around"


def united(parts: Sequence[Part], without: Sequence[Manifold] = ()) -> tuple[Mesh, Mesh]:
    """Return the union of parts less what is cut away, closed and without texture, and as it is drawn.

    Both are centred on their bounding box. Faces that a cut lays bare belong to the first part.
    """
    from manifold3d import Manifold, OpType

    own = [part.solid.as_original() for part in parts]
    numbers = {solid.original_id(): index for index, solid in enumerate(own)}
    whole = Manifold.batch_boolean(own, OpType.Add) if len(own) > 1 else own[0]
    for cut in without:
        whole = whole - cut
    mesh = whole.to_mesh()
    vertices, faces = np.array(mesh.vert_properties, np.float64)[:, :3], np.array(mesh.tri_verts, np.int64)
    vertices, faces = _welded(vertices, faces, mesh)
    owner = np.zeros(len(faces), np.int64)
    for run, identity in enumerate(mesh.run_original_id):
        owner[mesh.run_index[run] // 3 : mesh.run_index[run + 1] // 3] = numbers.get(int(identity), 0)
    vertices -= (vertices.min(0) + vertices.max(0)) / 2
    return _dressed(vertices, faces, owner, parts)


def _welded(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"], mesh: Any
) -> tuple[Float[np.ndarray, "kept 3"], Int[np.ndarray, "faces 3"]]:
    """Return the mesh with vertices that the library keeps apart for its properties joined again."""
    target = np.arange(len(vertices))
    target[np.array(mesh.merge_from_vert, np.int64)] = np.array(mesh.merge_to_vert, np.int64)
    kept, index = np.unique(target[faces], return_inverse=True)
    return vertices[kept], index.reshape(faces.shape)


def _dressed(
    vertices: Float[np.ndarray, "vertices 3"],
    faces: Int[np.ndarray, "faces 3"],
    owner: Int[np.ndarray, "faces"],
    parts: Sequence[Part],
) -> tuple[Mesh, Mesh]:
    image, bands = _atlas([part.image for part in parts])
    group = smooth_groups(vertices, faces)
    uv, chart = np.zeros((len(faces), 3, 2)), np.zeros(len(faces), np.int64)
    for number, part in enumerate(parts):
        own = np.flatnonzero(owner == number)
        if len(own):
            uv[own], chart[own] = _wrapped(vertices, faces[own], part.wrap)
            first, last = bands[number]
            uv[own, :, 1] = first + uv[own, :, 1] * (last - first)
    keys = np.concatenate(
        [
            faces.reshape(-1, 1), np.repeat(owner, 3)[:, None], np.repeat(group, 3)[:, None],
            np.repeat(chart, 3)[:, None], np.round(uv.reshape(-1, 2) * 1e6).astype(np.int64),
        ],
        1,
    )  # fmt: skip
    _, rows, index = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    where = torch.from_numpy(uv.reshape(-1, 2)[rows]).float()
    drawn = Mesh(
        torch.from_numpy(vertices[faces.ravel()[rows]]).float(), torch.from_numpy(index.reshape(faces.shape)),
        uv=where, texture=torch.from_numpy(image).float(),
    )  # fmt: skip
    colors = np.ones_like(vertices)
    colors[faces.ravel()[rows]] = _looked_up(image, uv.reshape(-1, 2)[rows])
    closed = Mesh(torch.from_numpy(vertices).float(), torch.from_numpy(faces), colors=torch.from_numpy(colors).float())
    return closed, drawn


def smooth_groups(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"]
) -> Int[np.ndarray, "faces"]:
    """Return a number for each face that it shares with those it goes over into without a crease of over 40 degrees."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-20)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    same = (edges[order][1:] == edges[order][:-1]).all(1)
    face = np.tile(np.arange(len(faces)), 3)[order]
    left, right = face[:-1][same], face[1:][same]
    smooth = np.einsum("ij,ij->i", normals[left], normals[right]) > _CREASE
    pairs = coo_matrix((np.ones(int(smooth.sum())), (left[smooth], right[smooth])), shape=(len(faces), len(faces)))
    return connected_components(pairs, directed=False)[1].astype(np.int64)


def _wrapped(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"], wrap: Wrap
) -> tuple[Float[np.ndarray, "faces 3 2"], Int[np.ndarray, "faces"]]:
    """Return where the corners of faces are in their part's image, and the panel that they are on."""
    used = vertices[np.unique(faces)]
    low, size = used.min(0), np.maximum(used.max(0) - used.min(0), 1e-9)
    corners = vertices[faces]
    share = (corners - low) / size
    if wrap == "around":
        centred = corners - (low + size / 2)
        inward = _faces_axis(centred)
        down = np.where(inward[:, None], 0.0, 1 - share[..., 2])
        return _around(centred, down), inward.astype(np.int64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    axis = np.abs(normals).argmax(1)
    positive = np.take_along_axis(normals, axis[:, None], 1)[:, 0] > 0
    panel = 2 * axis + positive
    flat = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    across = np.take_along_axis(share, flat[:, None, :1].repeat(3, 1), 2)[..., 0]
    down = 1 - np.take_along_axis(share, flat[:, None, 1:].repeat(3, 1), 2)[..., 0]
    mirrored = np.where(axis == 1, positive, ~positive)
    across = np.where(mirrored[:, None], 1 - across, across)
    return np.stack([(panel[:, None] + 0.01 + 0.98 * across) / 6, down], -1), panel


def _faces_axis(corners: Float[np.ndarray, "faces 3 3"]) -> np.ndarray:
    """Return which faces look towards the z axis, as insides do, which have no print but the colour of the rim."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = corners.mean(1)[:, :2]
    facing = (normals[:, :2] * outward).sum(1)
    return facing < -0.3 * np.linalg.norm(normals, axis=1) * np.linalg.norm(outward, axis=1)


def _around(
    corners: Float[np.ndarray, "faces 3 3"], down: Float[np.ndarray, "faces 3"]
) -> Float[np.ndarray, "faces 3 2"]:
    turn = np.arctan2(corners[..., 1], corners[..., 0]) / (2 * math.pi) % 1.0
    turn = turn + (
        turn < turn.max(1, keepdims=True) - 0.5
    )  # Images repeat, so that a seam's far side is at 1 and more.
    on_axis = np.hypot(corners[..., 0], corners[..., 1]) < 1e-6
    others = np.where(on_axis, 0.0, turn).sum(1, keepdims=True) / np.maximum((~on_axis).sum(1, keepdims=True), 1)
    return np.stack([np.where(on_axis, others, turn), down], -1)


def _atlas(images: Sequence[np.ndarray]) -> tuple[Float[np.ndarray, "rows columns 3"], list[tuple[float, float]]]:
    """Return images one below the other, with their edge rows repeated, and the first and last v of each."""
    import cv2

    bands, rows = [], []
    start = 0
    for image in images:
        fitted = cv2.resize(image.astype(np.float32), (TEXELS, len(image)), interpolation=cv2.INTER_LINEAR)
        rows += [np.repeat(fitted[:1], 2, 0), fitted, np.repeat(fitted[-1:], 2, 0)]
        bands.append((start + 2.5, start + len(image) + 1.5))
        start += len(image) + 4
    return np.clip(np.concatenate(rows), 0, 1), [(first / start, last / start) for first, last in bands]


def _looked_up(
    image: Float[np.ndarray, "rows columns 3"], uv: Float[np.ndarray, "vertices 2"]
) -> Float[np.ndarray, "vertices 3"]:
    rows, columns = image.shape[:2]
    row = np.clip((uv[:, 1] * rows).astype(np.int64), 0, rows - 1)
    return image[row, (uv[:, 0] * columns).astype(np.int64) % columns]
