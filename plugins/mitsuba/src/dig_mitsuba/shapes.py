"""Surfaces as Mitsuba loads them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from dig_mitsuba.pinhole import FARTHEST, seen_from_camera
from dig_mitsuba.surfaces import Surfaces

_WHITE = {"type": "diffuse", "reflectance": {"type": "rgb", "value": 1.0}}


def mesh_shape(
    mi: ModuleType,
    vertices: Float[np.ndarray, "vertices 3"],
    faces: Int[np.ndarray, "faces 3"],
    bsdf: dict[str, Any] | None = None,
    colors: Float[np.ndarray, "vertices 3"] | None = None,
    normals: Float[np.ndarray, "vertices 3"] | None = None,
    uv: Float[np.ndarray, "vertices 2"] | None = None,
) -> Any:
    """Return a mesh.

    Args:
        mi: The library, with a variant chosen.
        vertices: Positions [m].
        faces: Vertex indices.
        bsdf: Its reflectance; white and matte by default.
        colors: Values of the attribute `vertex_color`.
        normals: Of vertices; without them faces are flat.
        uv: Where vertices are in a texture, whose first row is at v = 0.
    """
    settings = mi.Properties()
    settings["bsdf"] = mi.load_dict(bsdf or _WHITE)
    smooth = normals is not None
    mesh = mi.Mesh(
        "objects",
        len(vertices),
        len(faces),
        has_vertex_normals=smooth,
        has_vertex_texcoords=uv is not None,
        props=settings,
    )
    if colors is not None:
        mesh.add_attribute("vertex_color", 3, colors.astype(np.float32).ravel())
    held = mi.traverse(mesh)
    held["faces"] = faces.astype(np.uint32).ravel()
    held["vertex_positions"] = vertices.astype(np.float32).ravel()
    if uv is not None:
        held["vertex_texcoords"] = uv.astype(np.float32).ravel()
    held.update()
    if smooth:
        held["vertex_normals"] = normals.astype(np.float32).ravel()
        held.update()
    return mesh


def plane_shape(mi: ModuleType, surfaces: Surfaces, bsdf: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the support plane as a large square about the camera's foot."""
    seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
    plane = surfaces.plane.detach().numpy()
    normal = np.linalg.solve(seen.T, plane[:3])
    foot = -plane[3] * normal / (normal @ normal)
    normal /= np.linalg.norm(normal)
    aside = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    aside /= np.linalg.norm(aside)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([FARTHEST * aside, FARTHEST * np.cross(normal, aside), normal], 1)
    matrix[:3, 3] = foot
    return {"type": "rectangle", "to_world": mi.ScalarTransform4f(matrix), "bsdf": bsdf or _WHITE}


def white_shapes(mi: ModuleType, surfaces: Surfaces) -> dict[str, Any]:
    """Return what there is of 'mesh' and 'plane', in this order, white and flat, as square pixels see it."""
    seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
    shapes: dict[str, Any] = {}
    if len(surfaces.faces):
        shapes["mesh"] = mesh_shape(mi, surfaces.vertices.detach().numpy() @ seen.T, surfaces.faces.numpy())
    if surfaces.has_plane:
        shapes["plane"] = plane_shape(mi, surfaces)
    return shapes
