"""What pieces' samples gain and lose as their middles slide over what they see."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.rendering.lanes import D_COLOR, D_DEPTH, D_NORMAL, D_POSITION, DEPTH, LANES, WEIGHT, U, V


@kernel
def slide_on_plane(run, count, plane, k, out):
    """Write the gradients with respect to the points of a run that sees the plane [count, 2].

    Args:
        run: With gradients of depths, which hold those of positions along the view, and of positions.
        count: Of its points.
        plane: Coefficients of the plane's inverse depth.
        k: K^-1.
        out: Is filled.
    """
    for i in range(count):
        depth = np.float64(run.buffer[DEPTH + i])
        change = -np.float64(run.buffer[D_DEPTH + i]) * depth * depth
        along, down = _slide_position(run.buffer, i, depth, k)
        out[i, 0], out[i, 1] = change * plane[0] + along, change * plane[1] + down


@kernel
def _slide_position(buffer, i, depth, k):
    """Return the gradient with respect to a point of the image, of the position that is seen at a fixed depth."""
    x, y = (np.float64(buffer[D_POSITION + i]), np.float64(buffer[D_POSITION + LANES + i]))
    return (x * k[0, 0] + y * k[1, 0]) * depth, (x * k[0, 1] + y * k[1, 1]) * depth


@kernel
def slide_on_faces(run, count, surfaces, setup, out):
    """Write the gradients with respect to the points of a run that sees faces, whose weights follow the points."""
    buffer = run.buffer
    for i in range(count):
        f, u, v = run.faces[i], np.float64(buffer[U + i]), np.float64(buffer[V + i])
        total, mean, along, down = 0.0, 0.0, 0.0, 0.0
        for k in range(3):
            total += max(setup[f, 3 * k] * u + (setup[f, 3 * k + 1] * v + setup[f, 3 * k + 2]), 0.0)
            mean += buffer[WEIGHT + k * LANES + i] * _corner_gradient(buffer, i, surfaces, f, k)
        scale = 1 / total if total > 0 else 0.0
        for k in range(3):
            change = (_corner_gradient(buffer, i, surfaces, f, k) - mean) * scale
            along, down = (along + change * setup[f, 3 * k], down + change * setup[f, 3 * k + 1])
        a, b = _slide_position(buffer, i, np.float64(buffer[DEPTH + i]), surfaces.camera_from_pixel)
        out[i, 0], out[i, 1] = along + a, down + b


@kernel
def slide_on_edges(run, first, count, pieces, surfaces, out, vertices_gradient):
    """Write the gradients with respect to the points of a run on its own edges, and add those of the edges' vertices.

    A point's weights are s and 1 - s with s = b / (b - a), where a = p_x - u p_z for the first vertex p and b the same
    for the second, or with v and y if the edge is longer that way.

    Args:
        run: Of the inner sides of pieces.
        first: Of the pieces.
        count: Of the pieces.
        pieces: Of silhouettes.
        surfaces: What is drawn.
        out: Is filled.
        vertices_gradient: Is added to.
    """
    buffer, vertices = run.buffer, surfaces.vertices
    for i in range(count):
        f, corner = run.faces[i], pieces.corner[first + i]
        one, two = (corner + 1) % 3, (corner + 2) % 3
        p, q = surfaces.faces[f, one], surfaces.faces[f, two]
        u, v, share = (pieces.numbers[first + i, 0], pieces.numbers[first + i, 1], pieces.numbers[first + i, 4])
        across = abs(vertices[p, 0] * vertices[q, 2] - vertices[q, 0] * vertices[p, 2])
        axis = 0 if across >= abs(vertices[p, 1] * vertices[q, 2] - vertices[q, 1] * vertices[p, 2]) else 1
        place = u if axis == 0 else v
        wide = vertices[q, axis] - place * vertices[q, 2] - (vertices[p, axis] - place * vertices[p, 2])
        out[i, 0], out[i, 1] = _slide_position(buffer, i, np.float64(buffer[DEPTH + i]), surfaces.camera_from_pixel)
        if wide == 0:
            continue
        change = _corner_gradient(buffer, i, surfaces, f, one) - _corner_gradient(buffer, i, surfaces, f, two)
        a, b = change * share / wide, change * (1 - share) / wide
        out[i, axis] -= a * vertices[p, 2] + b * vertices[q, 2]
        vertices_gradient[p, axis] += a
        vertices_gradient[p, 2] -= a * place
        vertices_gradient[q, axis] += b
        vertices_gradient[q, 2] -= b * place


@kernel
def _corner_gradient(buffer, i, surfaces, face, k):
    """Return the gradient with respect to the weight of a corner in what a point shows."""
    corner, normal = surfaces.faces[face, k], surfaces.normal_faces[face, k]
    total = buffer[D_DEPTH + i] * surfaces.vertices[corner, 2]
    for c in range(3):
        total += buffer[D_NORMAL + c * LANES + i] * surfaces.normals[normal, c]
        total += buffer[D_COLOR + c * LANES + i] * surfaces.colors[corner, c]
    return total
