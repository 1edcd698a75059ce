"""Colour and depth of one point of a surface at one point of the image, and the derivative of both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.geometry import PLANE, plane_inverse_depth
from dig_framework.rendering.shading import shade, shade_backward


class Surfaces(NamedTuple):
    """Everything that is drawn, in the camera's frame; arrays that kernels read."""

    vertices: np.ndarray
    """v = K x of every vertex [V, 3], float64."""
    faces: np.ndarray
    """Vertex indices [F, 3], int64."""
    normals: np.ndarray
    """Normals of any length [N, 3], float64."""
    normal_faces: np.ndarray
    """Rows of `normals` for the corners of each face [F, 3], int64."""
    colors: np.ndarray
    """Reflectance of every vertex [V, 3], float64."""
    face_object: np.ndarray
    """Object of each face [F], int64."""
    materials: np.ndarray
    """Colour, ambient, diffuse, specular, shininess of every object and, last, of the plane [K + 1, 7], float64."""
    lights: np.ndarray
    """Position [m] or direction, intensity, and which of the two it is, of each light [L, 7], float64."""
    ambient: np.ndarray
    """Light from everywhere as a matrix for each colour [3, 4, 4], float64; [0, 4, 4] if there is none."""
    plane: np.ndarray
    """Coefficients of the plane's inverse depth in (u, v, 1), zeros without a plane [3], float64."""
    plane_normal: np.ndarray
    """Unit normal of the plane [3], float64."""
    plane_shown: bool
    """Whether the plane has a material; otherwise it has the background's colour."""
    camera_from_pixel: np.ndarray
    """K^-1 [3, 3], float64."""
    background: np.ndarray
    """Colour where nothing is hit [3], float64."""


class Gradients(NamedTuple):
    """Gradients with respect to the fields of `Surfaces` of the same names, one copy for each group of rows."""

    vertices: np.ndarray
    normals: np.ndarray
    colors: np.ndarray
    materials: np.ndarray
    lights: np.ndarray
    ambient: np.ndarray
    plane: np.ndarray
    plane_normal: np.ndarray


@kernel
def _mixed(values, index, w):
    """Return the mean of three rows with weights w."""
    a, b, c = values[index[0]], values[index[1]], values[index[2]]
    x = w[0] * a[0] + w[1] * b[0] + w[2] * c[0]
    y = w[0] * a[1] + w[1] * b[1] + w[2] * c[1]
    return x, y, w[0] * a[2] + w[1] * b[2] + w[2] * c[2]


@kernel
def sample(surfaces, face, u, v, w, out):
    """Fill colour and depth [4] of a face at an image point, its corners weighted by w, or of what has no face."""
    s = surfaces
    if face < PLANE:
        out[0], out[1], out[2], out[3] = s.background[0], s.background[1], s.background[2], 0.0
        return
    k = s.camera_from_pixel
    r0, r1, r2 = k[0, 0] * u + k[0, 1] * v + k[0, 2], k[1, 0] * u + k[1, 1] * v + k[1, 2], k[2, 2]
    if face == PLANE:
        z, n = 1 / plane_inverse_depth(s.plane, u, v), s.plane_normal
        out[0], out[1], out[2] = s.background[0], s.background[1], s.background[2]
        if s.plane_shown:
            material = s.materials[s.materials.shape[0] - 1]
            out[0], out[1], out[2] = shade(
                r0 * z, r1 * z, r2 * z, n[0], n[1], n[2], 1.0, 1.0, 1.0, material, s.lights, s.ambient
            )
        out[3] = z
        return
    i = s.faces[face]
    z = _mixed(s.vertices, i, w)[2]
    n0, n1, n2 = _mixed(s.normals, s.normal_faces[face], w)
    c0, c1, c2 = _mixed(s.colors, i, w)
    material = s.materials[s.face_object[face]]
    out[0], out[1], out[2] = shade(r0 * z, r1 * z, r2 * z, n0, n1, n2, c0, c1, c2, material, s.lights, s.ambient)
    out[3] = z


@kernel
def sample_backward(surfaces, face, u, v, w, weight_sum, setup, g, group, gradients):
    """Add the derivative of a sample to the gradients.

    Args:
        surfaces, face, u, v, w: As for `sample`.
        weight_sum: e_0 + e_1 + e_2 at the image point if the weights follow the vertices, as they do for a sample at a
            fixed image point; zero if they stay, as they do for a point that moves along with an edge.
        setup: As filled by `set_up_faces`.
        g: Gradient with respect to colour and depth [4].
        group: Which copy of the gradients is added to.
        gradients: Of type `Gradients`.
    """
    s = surfaces
    if face < PLANE:
        return
    k = s.camera_from_pixel
    r0, r1, r2 = k[0, 0] * u + k[0, 1] * v + k[0, 2], k[1, 0] * u + k[1, 1] * v + k[1, 2], k[2, 2]
    if face == PLANE:
        z, n, depth_gradient = 1 / plane_inverse_depth(s.plane, u, v), s.plane_normal, g[3]
        if s.plane_shown:
            last = s.materials.shape[0] - 1
            gp0, gp1, gp2, gn0, gn1, gn2, _, _, _ = shade_backward(
                r0 * z, r1 * z, r2 * z, n[0], n[1], n[2], 1.0, 1.0, 1.0, s.materials[last], s.lights, s.ambient,
                g[0], g[1], g[2], gradients.materials[group, last], gradients.lights[group], gradients.ambient[group],
            )  # fmt: skip
            depth_gradient += r0 * gp0 + r1 * gp1 + r2 * gp2
            gradients.plane_normal[group, 0] += gn0
            gradients.plane_normal[group, 1] += gn1
            gradients.plane_normal[group, 2] += gn2
        gradients.plane[group, 0] -= depth_gradient * z * z * u
        gradients.plane[group, 1] -= depth_gradient * z * z * v
        gradients.plane[group, 2] -= depth_gradient * z * z
        return
    i, j, kind = s.faces[face], s.normal_faces[face], s.face_object[face]
    z = _mixed(s.vertices, i, w)[2]
    n0, n1, n2 = _mixed(s.normals, j, w)
    c0, c1, c2 = _mixed(s.colors, i, w)
    gp0, gp1, gp2, gn0, gn1, gn2, gc0, gc1, gc2 = shade_backward(
        r0 * z, r1 * z, r2 * z, n0, n1, n2, c0, c1, c2, s.materials[kind], s.lights, s.ambient,
        g[0], g[1], g[2], gradients.materials[group, kind], gradients.lights[group], gradients.ambient[group],
    )  # fmt: skip
    gz = g[3] + r0 * gp0 + r1 * gp1 + r2 * gp2
    for c in range(3):
        gradients.vertices[group, i[c], 2] += w[c] * gz
        gradients.normals[group, j[c], 0] += w[c] * gn0
        gradients.normals[group, j[c], 1] += w[c] * gn1
        gradients.normals[group, j[c], 2] += w[c] * gn2
        gradients.colors[group, i[c], 0] += w[c] * gc0
        gradients.colors[group, i[c], 1] += w[c] * gc1
        gradients.colors[group, i[c], 2] += w[c] * gc2
    if weight_sum <= 0:
        return
    mean, scale = 0.0, setup[face, 14] / weight_sum
    for c in range(3):
        mean += w[c] * _weight_gradient(s, i, j, c, gz, gn0, gn1, gn2, gc0, gc1, gc2)
    for c in range(3):
        change = _weight_gradient(s, i, j, c, gz, gn0, gn1, gn2, gc0, gc1, gc2) - mean
        edge_function_backward(s.vertices, i[c - 2], i[c - 1], u, v, change * scale, gradients.vertices[group])


@kernel
def _weight_gradient(s, i, j, c, gz, gn0, gn1, gn2, gc0, gc1, gc2):
    """Return the gradient with respect to the weight of corner c."""
    n, a = s.normals[j[c]], s.colors[i[c]]
    total = gz * s.vertices[i[c], 2] + gn0 * n[0] + gn1 * n[1] + gn2 * n[2]
    return total + gc0 * a[0] + gc1 * a[1] + gc2 * a[2]


@kernel
def edge_function_backward(vertices, p, q, u, v, g, out):
    """Add g times the derivative of det(v_p, v_q, (u, v, 1)) to the gradients of both vertices."""
    a, b = vertices[p], vertices[q]
    out[p, 0] += g * (b[1] - b[2] * v)
    out[p, 1] += g * (b[2] * u - b[0])
    out[p, 2] += g * (b[0] * v - b[1] * u)
    out[q, 0] += g * (v * a[2] - a[1])
    out[q, 1] += g * (a[0] - u * a[2])
    out[q, 2] += g * (u * a[1] - v * a[0])
