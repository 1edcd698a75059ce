"""Meshes as binary PLY files: coloured in every viewer, lossless for us."""

from __future__ import annotations

import re

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import InputError
from dig_framework.mesh import Mesh

_POSITION = [("x", "<f4"), ("y", "<f4"), ("z", "<f4")]
_SHOWN = [("red", "u1"), ("green", "u1"), ("blue", "u1")]
_LINEAR = [("linear_red", "<f4"), ("linear_green", "<f4"), ("linear_blue", "<f4")]
_UV = [("s", "<f4"), ("t", "<f4")]
_COUNT = re.compile("[0-9]{1,18}")
_FACE = np.dtype([("count", "u1"), ("corners", "<i4", 3)])


def mesh_to_ply(mesh: Mesh, color: Float[Tensor, "3"] | None = None) -> bytes:
    """Return a mesh [m] as a binary PLY file in float32.

    Viewers see `red green blue`, the vertex colours times `color` in sRGB; the mesh's own linear vertex colours, if it
    has any, are kept exactly as `linear_red linear_green linear_blue`, its places in a texture as `s t`. The texture
    itself is not written.

    Args:
        mesh: What to write.
        color: Linear RGB reflectance of the whole object; None is white.
    """
    linear = _LINEAR if mesh.colors is not None else []
    layout = np.dtype(_POSITION + _SHOWN + linear + (_UV if mesh.uv is not None else []))
    vertices = np.zeros(len(mesh.vertices), layout)
    _fill(vertices, _POSITION, mesh.vertices)
    white = torch.ones_like(mesh.vertices)
    own = white if mesh.colors is None else mesh.colors
    shown = own.detach() * (white[0] if color is None else color.detach().to(own))
    _fill(vertices, _SHOWN, (srgb_from_linear(shown) * 255).round())
    if mesh.colors is not None:
        _fill(vertices, _LINEAR, mesh.colors)
    if mesh.uv is not None:
        _fill(vertices, _UV, mesh.uv)
    faces = np.zeros(len(mesh.faces), _FACE)
    faces["count"], faces["corners"] = 3, mesh.faces.cpu().numpy()
    return _header(layout, len(faces), len(vertices)).encode() + vertices.tobytes() + faces.tobytes()


def mesh_from_ply(data: bytes, source: str) -> Mesh:
    """Return the mesh [m] of a file that `mesh_to_ply` gave, bit for bit; `source` says where it is from.

    Raises:
        InputError: If it is truncated, of another layout, or holds values that are not finite.
    """
    header, mark, body = data.partition(b"end_header\n")
    lines = header.decode("ascii", "replace").splitlines()
    if not mark or lines[:2] != ["ply", "format binary_little_endian 1.0"]:
        raise InputError(f"{source}: is no binary little-endian PLY file; write it with save_scene.")
    counts = _counts(lines)
    if min(counts.values()) < 0:
        raise InputError(f"{source}: announces no vertices or no faces; it is damaged.")
    for extra in ([], _LINEAR, _UV, _LINEAR + _UV):
        layout = np.dtype(_POSITION + _SHOWN + extra)
        if lines == _header(layout, counts["face"], counts["vertex"]).splitlines()[:-1]:
            return _mesh(source, body, layout, counts)
    raise InputError(f"{source}: its properties are not those that save_scene writes; load it with trimesh instead.")


def _mesh(source: str, body: bytes, layout: np.dtype, counts: dict[str, int]) -> Mesh:
    split = counts["vertex"] * layout.itemsize
    expected = split + counts["face"] * _FACE.itemsize
    if len(body) != expected:
        raise InputError(f"{source}: holds {len(body)} bytes of data, its header announces {expected}; it is damaged.")
    vertices, faces = np.frombuffer(body[:split], layout), np.frombuffer(body[split:], _FACE)
    if not (faces["count"] == 3).all():
        raise InputError(f"{source}: a face has {int(faces['count'][faces['count'] != 3][0])} corners; it is damaged.")
    corners = torch.from_numpy(faces["corners"].astype(np.int64).reshape(-1, 3))
    wild = corners[(corners < 0) | (corners >= counts["vertex"])]
    if len(wild):
        raise InputError(f"{source}: a face names vertex {int(wild.max())} of {counts['vertex']}; it is damaged.")
    names = layout.names or ()
    colors = _columns(vertices, _LINEAR) if "linear_red" in names else None
    uv = _columns(vertices, _UV) if "s" in names else None
    mesh = Mesh(_columns(vertices, _POSITION), corners, colors, uv)
    for name, value in mesh.tensors().items():
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise InputError(f"{source}: has {name} that are NaN or infinite; it is damaged.")
    return mesh


def _header(layout: np.dtype, faces: int, vertices: int) -> str:
    names = layout.names or ()
    properties = [f"property {'uchar' if name in ('red', 'green', 'blue') else 'float'} {name}" for name in names]
    return "\n".join(
        [
            "ply",
            "format binary_little_endian 1.0",
            "comment metres; linear_* is linear RGB, red green blue is sRGB",
            f"element vertex {vertices}",
            *properties,
            f"element face {faces}",
            "property list uchar int vertex_indices",
            "end_header",
            "",
        ]
    )


def _counts(lines: list[str]) -> dict[str, int]:
    found = {"vertex": -1, "face": -1}
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[0] == "element" and words[1] in found and _COUNT.fullmatch(words[2]):
            found[words[1]] = int(words[2])
    return found


def _fill(target: np.ndarray, names: list[tuple[str, str]], values: Tensor) -> None:
    columns = values.detach().cpu().numpy()
    for index, (name, _) in enumerate(names):
        target[name] = columns[:, index]


def _columns(source: np.ndarray, names: list[tuple[str, str]]) -> Tensor:
    return torch.from_numpy(np.stack([source[name] for name, _ in names], 1).astype(np.float32))
