"""Models as BOP keeps them: PLY in millimetres, and `models_info.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dig_framework.atomic_files import write_atomic
from dig_framework.color_space import srgb_from_linear
from dig_framework.synthesis.model import Model

_VERTEX = np.dtype(
    [(name, "<f4") for name in ("x", "y", "z", "nx", "ny", "nz")] + [(n, "u1") for n in ("red", "green", "blue")]
)
_FACE = np.dtype([("count", "u1"), ("corners", "<i4", (3,))])


def model_path(dataset: Path, number: int) -> Path:
    """Return where the model of an object number is."""
    return dataset / "models" / f"obj_{number:06d}.ply"


def write_model(dataset: Path, number: int, model: Model) -> None:
    """Write a model's closed surface with its colours, unless it is there."""
    path = model_path(dataset, number)
    if not path.exists():
        write_atomic(path, bop_ply(model))


def bop_ply(model: Model) -> bytes:
    """Return the file of a model: millimetres, every vertex once, normals, sRGB colours."""
    mesh = model.surface
    vertices = np.zeros(len(mesh.vertices), _VERTEX)
    columns = np.concatenate([mesh.vertices.numpy() * 1000, mesh.vertex_normals().numpy()], 1)
    for index, name in enumerate(("x", "y", "z", "nx", "ny", "nz")):
        vertices[name] = columns[:, index]
    shown = np.full((len(vertices), 3), 255) if mesh.colors is None else srgb_from_linear(mesh.colors).numpy() * 255
    for index, name in enumerate(("red", "green", "blue")):
        vertices[name] = np.round(shown[:, index]).astype(np.uint8)
    faces = np.zeros(len(mesh.faces), _FACE)
    faces["count"], faces["corners"] = 3, mesh.faces.numpy()
    kinds = {"f": "float", "u": "uchar"}
    properties = [f"property {kinds[_VERTEX[name].kind]} {name}" for name in _VERTEX.names or ()]
    header = [
        "ply", "format binary_little_endian 1.0", "comment millimetres", f"element vertex {len(vertices)}", *properties,
        f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header", "",
    ]  # fmt: skip
    return "\n".join(header).encode() + vertices.tobytes() + faces.tobytes()


def model_info(model: Model) -> dict[str, Any]:
    """Return a model's entry in `models_info.json`: sizes in millimetres, symmetries, and its name."""
    vertices = model.surface.vertices.double().numpy() * 1000
    low, size = vertices.min(0), np.ptp(vertices, axis=0)
    info: dict[str, Any] = {"diameter": round(diameter(vertices), 4)}
    info |= {f"min_{axis}": round(float(value), 4) for axis, value in zip("xyz", low, strict=True)}
    info |= {f"size_{axis}": round(float(value), 4) for axis, value in zip("xyz", size, strict=True)}
    if model.symmetry.discrete:
        info["symmetries_discrete"] = [_flat(matrix) for matrix in model.symmetry.discrete]
    if model.symmetry.axis is not None:
        info["symmetries_continuous"] = [{"axis": list(model.symmetry.axis), "offset": [0, 0, 0]}]
    return info | {"name": model.name}


def diameter(points: np.ndarray) -> float:
    """Return the largest distance between two points."""
    from scipy.spatial import ConvexHull
    from scipy.spatial.distance import pdist

    return float(pdist(points[ConvexHull(points).vertices]).max())


def _flat(rotation: tuple[tuple[float, ...], ...]) -> list[float]:
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    return matrix.ravel().tolist()
