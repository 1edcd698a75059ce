"""The tabletop as Mitsuba sees it: lights, table, floor, objects and camera."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np
from solids import Solid

Array = np.ndarray
WIDTH, HEIGHT, FOCAL = 640, 480, 615.0


def camera_from_world(distance: float = 0.62, elevation: float = 38.0, target_height: float = 0.055) -> Array:
    """Return the OpenCV camera that looks along +y and down by `elevation` [deg] at a point above the origin [m]."""
    angle = np.radians(elevation)
    forward = np.array([0.0, np.cos(angle), -np.sin(angle)])
    right = np.array([1.0, 0.0, 0.0])
    rotation = np.stack([right, np.cross(forward, right), forward])
    centre = np.array([0.0, 0.0, target_height]) - distance * forward
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, -rotation @ centre
    return matrix


def sensor(view: Array, samples: int, seed: int) -> dict[str, Any]:
    """Return Mitsuba's camera for an OpenCV view; Mitsuba's own has x to the left and y up.

    The box filter keeps threads out of each other's pixels, so that the image does not depend on their timing.
    """
    world_from_camera = np.linalg.inv(view) @ np.diag([-1.0, -1.0, 1.0, 1.0])
    return {
        "type": "perspective",
        "fov": float(np.degrees(2 * np.arctan(WIDTH / 2 / FOCAL))),
        "fov_axis": "x",
        "to_world": mi.ScalarTransform4f(world_from_camera),
        "film": {
            "type": "hdrfilm",
            "width": WIDTH,
            "height": HEIGHT,
            "pixel_format": "rgb",
            "rfilter": {"type": "box"},
        },
        "sampler": {"type": "multijitter", "sample_count": samples, "seed": seed},
    }


def bitmap(image: Array) -> dict[str, Any]:
    """Return a texture of a linear RGB image whose first row is at v = 1; Mitsuba's is at v = 0."""
    return {"type": "bitmap", "bitmap": mi.Bitmap(np.ascontiguousarray(image[::-1], np.float32)), "raw": True}


def coated(reflectance: dict[str, Any], roughness: float) -> dict[str, Any]:
    """Return a glossy plastic over a coloured body."""
    return {"type": "roughplastic", "diffuse_reflectance": reflectance, "alpha": roughness, "nonlinear": True}


def shape(solid: Solid, world_from_object: Array, surface: dict[str, Any]) -> dict[str, Any]:
    """Return Mitsuba's shape of a solid, through a temporary PLY file with texture coordinates."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "solid.ply"
        _write_ply(path, solid)
        loaded = {"type": "ply", "filename": str(path), "bsdf": surface, "face_normals": False}
        loaded["to_world"] = mi.ScalarTransform4f(world_from_object)
        return mi.load_dict(loaded)


def surroundings(wood: Array) -> dict[str, Any]:
    """Return table, floor, wall and lights."""
    place = mi.ScalarTransform4f
    table = place().translate([0.05, 0.10, -0.015]).scale([0.70, 0.55, 0.015])
    return {
        "table": {"type": "cube", "to_world": table, "bsdf": coated(bitmap(wood), 0.30)},
        "floor": {
            "type": "rectangle",
            "to_world": place().translate([0, 2, -0.74]).scale(4),
            "bsdf": _matte(0.33, 0.34, 0.36),
        },
        "wall": {
            "type": "rectangle",
            "to_world": place().translate([0, 2.6, 0]).rotate([1, 0, 0], 90).scale(4),
            "bsdf": _matte(0.55, 0.56, 0.55),
        },
        "lamp": _lamp([-0.9, -0.35, 1.25], 0.20, [62.0, 58.0, 52.0]),
        "window": _lamp([1.5, 0.5, 1.3], 0.55, [1.6, 1.9, 2.3]),
        "room": {"type": "constant", "radiance": {"type": "rgb", "value": [0.16, 0.165, 0.17]}},
    }


def _lamp(origin: list[float], size: float, radiance: list[float]) -> dict[str, Any]:
    place = mi.ScalarTransform4f().look_at(origin=origin, target=[0, 0, 0.05], up=[0, 0, 1]).scale(size)
    emitter = {"type": "area", "radiance": {"type": "rgb", "value": radiance}}
    return {"type": "rectangle", "to_world": place, "emitter": emitter}


def _matte(*color: float) -> dict[str, Any]:
    return {"type": "diffuse", "reflectance": {"type": "rgb", "value": list(color)}}


def _write_ply(path: Path, solid: Solid) -> None:
    normals = _vertex_normals(solid)
    rows = np.concatenate([solid.vertices, normals, solid.texture_coordinates], 1)
    head = ["ply", "format ascii 1.0", f"element vertex {len(rows)}"]
    head += [f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz", "u", "v")]
    head += [f"element face {len(solid.faces)}", "property list uchar int vertex_index", "end_header"]
    body = [" ".join(f"{value:.8g}" for value in row) for row in rows]
    body += [f"3 {a} {b} {c}" for a, b, c in solid.faces]
    path.write_text("\n".join(head + body) + "\n")


def _vertex_normals(solid: Solid) -> Array:
    """Return area-weighted normals that ignore texture seams."""
    corners = solid.vertices[solid.faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    _, welded = np.unique(np.round(solid.vertices, 6), axis=0, return_inverse=True)
    total = np.zeros((welded.max() + 1, 3))
    for corner in range(3):
        np.add.at(total, welded.ravel()[solid.faces[:, corner]], face_normals)
    normals = total[welded.ravel()]
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
