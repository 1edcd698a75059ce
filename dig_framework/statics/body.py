"""Scene objects as rigid bodies."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Float, Int

from dig_framework.errors import InputError
from dig_framework.scene import Scene, SceneObject
from dig_framework.statics.assumptions import ASSUMED_DENSITY, ASSUMED_FRICTION


@dataclasses.dataclass(frozen=True, eq=False)
class Body:
    """A rigid body with its surface in the scene's frame."""

    index: int
    """`SceneObject.index`."""
    vertices: Float[np.ndarray, "vertices 3"]
    """Surface points in the scene's frame [m], each position once."""
    faces: Int[np.ndarray, "faces 3"]
    """Vertex indices, counter-clockwise seen from outside."""
    mass: float
    """Mass [kg]."""
    center: Float[np.ndarray, "3"]
    """Centre of mass in the scene's frame [m]."""
    inertia: Float[np.ndarray, "3 3"]
    """Moments of inertia about the centre of mass, along the scene's axes [kg m^2]."""
    friction: float
    """Coulomb coefficient."""

    def triangles(self) -> Float[np.ndarray, "faces 3 3"]:
        """Return the corners of every face [m]."""
        return self.vertices[self.faces]

    def normals(self) -> Float[np.ndarray, "faces 3"]:
        """Return unit outward normals; zero for a face without area."""
        a, b, c = np.moveaxis(self.triangles(), 1, 0)
        normals = np.cross(b - a, c - a)
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)

    def radius(self) -> float:
        """Return the distance from the centre of mass to the farthest surface point [m]."""
        return float(np.linalg.norm(self.vertices - self.center, axis=1).max())


def flaw_of(item: SceneObject) -> str | None:
    """Return why an object is no rigid body, or None.

    One of 'empty mesh', 'invalid mesh' (not finite or flat), 'invalid mass' and 'invalid friction'.
    """
    if len(item.mesh.vertices) < 4 or len(item.mesh.faces) < 1:
        return "empty mesh"
    vertices = item.posed().vertices.detach().double().cpu().numpy()
    faces = item.mesh.faces.cpu().numpy()
    if not np.isfinite(vertices).all() or faces.min() < 0 or faces.max() >= len(vertices) or _is_flat(vertices[faces]):
        return "invalid mesh"
    if item.mass is not None and not (math.isfinite(item.mass) and item.mass > 0):
        return "invalid mass"
    if item.friction is not None and not (math.isfinite(item.friction) and item.friction >= 0):
        return "invalid friction"
    return None


def body_of(item: SceneObject, density: float, friction: float) -> Body:
    """Return an object as a rigid body of even density.

    Args:
        item: The object; its own mass and friction win where they are known.
        density: For an object without a mass [kg/m^3].
        friction: Coulomb coefficient for an object without one.

    Raises:
        InputError: If the object is no rigid body; see `flaw_of`.
    """
    flaw = flaw_of(item)
    if flaw is not None:
        raise InputError(f"object {item.index} ({item.label!r}) is no rigid body: {flaw}.")
    posed = item.posed()
    vertices, faces = _merged(posed.vertices.detach().double().cpu().numpy(), posed.faces.cpu().numpy())
    volume, center, inertia = _mass_properties(vertices, faces)
    mass = density * volume if item.mass is None else item.mass
    coefficient = friction if item.friction is None else item.friction
    return Body(item.index, vertices, faces, float(mass), center, inertia * mass / volume, float(coefficient))


def bodies_of(scene: Scene, density: float = ASSUMED_DENSITY, friction: float = ASSUMED_FRICTION) -> dict[int, Body]:
    """Return all rigid bodies of a scene by `SceneObject.index`; flawed objects are left out.

    Args:
        scene: Where the objects are.
        density: Of objects without a mass [kg/m^3].
        friction: Coulomb coefficient of objects without one.
    """
    sound = [item for item in scene.objects if flaw_of(item) is None]
    return {item.index: body_of(item, density, friction) for item in sound}


def _merged(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"]
) -> tuple[Float[np.ndarray, "merged 3"], Int[np.ndarray, "faces 3"]]:
    """Weld vertices that a texture's seams have split, and drop those that no face uses."""
    used, faces = np.unique(faces, return_inverse=True)
    merged, index = np.unique(np.round(vertices[used], 9), axis=0, return_inverse=True)
    return merged, index.reshape(-1)[faces.reshape(-1, 3)]


def _mass_properties(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"]
) -> tuple[float, Float[np.ndarray, "3"], Float[np.ndarray, "3 3"]]:
    """Return volume [m^3], centroid [m] and inertia at unit density; an open mesh counts as its convex hull."""
    import trimesh

    # Moments of a tiny body far from the origin would cancel, so they are taken about its own middle.
    middle = vertices.mean(0)
    surface = trimesh.Trimesh(vertices - middle, faces, process=False)
    if not surface.is_watertight or surface.volume <= 0:
        surface = surface.convex_hull
    found = surface.mass_properties
    return float(found.volume), np.asarray(found.center_mass) + middle, np.asarray(found.inertia)


def _is_flat(triangles: Float[np.ndarray, "faces 3 3"]) -> bool:
    points = triangles.reshape(-1, 3)
    local = points - points.mean(0)
    thinnest = np.linalg.eigvalsh(local.T @ local / len(local))[0]
    return bool(thinnest < 1e-12)
