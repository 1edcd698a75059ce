"""What a view of triangles and a plane sees, before anything is given a colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from dig_framework.camera import Camera
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.silhouette import Pieces, silhouette_pieces
from dig_framework.rendering.topology import Topology, joined, topology_of
from dig_framework.rendering.visibility import Visibility, visibility
from dig_framework.scene import Scene


@dataclasses.dataclass(frozen=True)
class Frame:
    """What is drawn and has no gradient."""

    faces: np.ndarray
    """Vertex indices [F, 3], int64."""
    normal_faces: np.ndarray
    """Rows of the normals for the corners of each face [F, 3], int64."""
    face_object: np.ndarray
    """Object of each face [F], int64."""
    objects: int
    """Their number."""
    topology: Topology | None
    """Of all faces, by which silhouettes are found and averaged over pixels; None leaves them hard, and then nothing
    that is seen depends on where they are."""
    plane_shown: bool
    """Whether the plane has a material, the last row of the materials."""
    colored: bool
    """Whether any object has colours of its own."""
    highlights: np.ndarray
    """Of every object and, last, of the plane, whether the strength of its highlight has a gradient, bool."""
    camera_from_pixel: np.ndarray
    """K^-1 [3, 3], float64."""
    background: np.ndarray
    """Linear RGB where nothing is hit [3], float64."""
    width: int
    """Of the image [px]."""
    height: int
    """Of the image [px]."""
    near: float
    """Nearest depth that is drawn [m]."""


def frame_of(
    scene: Scene, camera: Camera, tensors: SceneTensors, background: Sequence[float], near: float, walked: bool
) -> Frame:
    """Return the frame of a scene.

    Args:
        scene: What is drawn.
        camera: Who sees it.
        tensors: Of both.
        background: Linear RGB where nothing is hit.
        near: Nearest depth that is drawn [m].
        walked: Whether silhouettes are averaged over pixels.
    """
    meshes = [item.mesh for item in scene.objects]
    materials = [*(item.material for item in scene.objects), scene.plane.material if scene.plane else None]
    topologies = tuple(topology_of(mesh.faces, mesh.vertices) for mesh in meshes) if walked else ()
    return Frame(
        faces=tensors.faces.cpu().numpy(),
        normal_faces=tensors.normal_faces.cpu().numpy(),
        face_object=np.repeat(np.arange(len(meshes)), [len(mesh.faces) for mesh in meshes]),
        objects=len(meshes),
        topology=joined(topologies, tuple(len(mesh.vertices) for mesh in meshes)) if walked else None,
        plane_shown=scene.plane is not None and scene.plane.material is not None,
        colored=any(mesh.colors is not None for mesh in meshes),
        highlights=np.array([material is not None and material.specular.requires_grad for material in materials]),
        camera_from_pixel=np.linalg.inv(camera.intrinsics.detach().double().cpu().numpy()),
        background=np.asarray(background, np.float64),
        width=camera.width,
        height=camera.height,
        near=near,
    )


@dataclasses.dataclass(frozen=True)
class Seen:
    """What pixel centres see, and the pieces of silhouettes."""

    visible: Visibility
    """Faces made ready, and the one at each pixel's centre."""
    pieces: Pieces | None
    """Of silhouettes; None if they are hard."""


def look(vertices: np.ndarray, plane: np.ndarray, frame: Frame) -> Seen:
    """Return what is seen.

    Args:
        vertices: v = K x of every vertex [V, 3], float64.
        plane: Coefficients of the plane's inverse depth in (u, v, 1) [3]; zeros if there is none.
        frame: What else is drawn.
    """
    visible = visibility(vertices, frame.faces, frame.face_object, plane, frame.near, frame.width, frame.height)
    pieces = None
    if frame.topology is not None and len(frame.faces):
        pieces = silhouette_pieces(vertices, frame.faces, frame.face_object, frame.topology, plane, frame.near, visible)
    return Seen(visible, pieces)
