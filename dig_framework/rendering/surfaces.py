"""What kernels draw, and the gradients that they sum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Surfaces(NamedTuple):
    """Everything that is drawn, in the camera's frame; arrays that kernels read."""

    vertices: np.ndarray
    """v = K x of every vertex [V, 3], float64."""
    faces: np.ndarray
    """Vertex indices [F, 3], int64."""
    normals: np.ndarray
    """Normals of any length [N, 3], in the dtype of the images."""
    normal_faces: np.ndarray
    """Rows of `normals` for the corners of each face [F, 3], int64."""
    colors: np.ndarray
    """Reflectance of every vertex [V, 3], in the dtype of the images."""
    colored: bool
    """Whether these are not all one, or have a gradient."""
    face_object: np.ndarray
    """Object of each face [F], int64."""
    plane: np.ndarray
    """Coefficients of the plane's inverse depth in (u, v, 1), zeros without a plane [3], float64."""
    plane_shown: bool
    """Whether the plane has a material; otherwise it has the background's colour."""
    camera_from_pixel: np.ndarray
    """K^-1 [3, 3], float64."""


class Tables(NamedTuple):
    """What shading reads, in the dtype of the images."""

    materials: np.ndarray
    """Colour, ambient, diffuse, specular, shininess of every object and, last, of the plane [K + 1, 7]."""
    lights: np.ndarray
    """Position [m] or direction, intensity, and 1 for a position or 0 for a direction, of each light [L, 7]."""
    ambient: np.ndarray
    """Light from everywhere as a matrix for each colour [3, 4, 4]; [0, 4, 4] if there is none."""
    plane_normal: np.ndarray
    """Unit normal of the plane [3]."""
    background: np.ndarray
    """Linear RGB where nothing is hit [3]."""
    constants: np.ndarray
    """Zero, one, two, a tiny number, and mirrored light below which there is none; literals would be float64."""


class Gradients(NamedTuple):
    """Gradients with respect to the fields of `Surfaces` and `Tables` of the same names, a copy for each group of rows.

    All are float64 and have one axis more, in front.
    """

    vertices: np.ndarray
    normals: np.ndarray
    colors: np.ndarray
    materials: np.ndarray
    lights: np.ndarray
    ambient: np.ndarray
    plane: np.ndarray
    plane_normal: np.ndarray


class Wanted(NamedTuple):
    """What has a gradient."""

    shapes: bool
    """Vertices, normals or colours."""
    looks: bool
    """Materials or lights."""
    plane: bool
    """The plane's place."""
    highlights: np.ndarray
    """Of every material, whether it has a highlight or the strength of one has a gradient [K + 1], bool."""


CONSTANTS = (0.0, 1.0, 2.0, 1e-30, 1e-9)
"""Of `Tables`."""
