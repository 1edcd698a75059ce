"""The faces of a cube map: +x, -x, +y, -y, +z, -z, oriented as in OpenGL.

A direction's largest coordinate picks the face; the other two, divided by it, are where the face is hit:
s = (signed s axis / size of the largest + 1) / 2, and t alike.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

_MAIN_AXIS = (0, 0, 1, 1, 2, 2)
_S_AXIS = (2, 2, 0, 0, 0, 0)
_T_AXIS = (1, 1, 2, 2, 1, 1)
_S_SIGN = (-1.0, 1.0, 1.0, 1.0, 1.0, -1.0)
_T_SIGN = (-1.0, -1.0, 1.0, -1.0, -1.0, -1.0)

_BEYOND = 1 + 1e-6


@kernel
def cube_face(direction):
    """Return the face that a direction [3] hits, -1 if it is no direction."""
    main = 0
    for axis in range(1, 3):
        if abs(direction[axis]) > abs(direction[main]):
            main = axis
    size = abs(direction[main])
    if not (size > 1e-150 and size < 1e150):
        return -1
    return 2 * main + (0 if direction[main] > 0 else 1)


@kernel
def face_point(face, direction):
    """Return (s, t) in [0, 1] where a direction hits its face."""
    size = abs(direction[_MAIN_AXIS[face]])
    s = _S_SIGN[face] * direction[_S_AXIS[face]] / size
    t = _T_SIGN[face] * direction[_T_AXIS[face]] / size
    return 0.5 * (s + 1), 0.5 * (t + 1)


@kernel
def add_face_point_gradient(face, direction, grad_s, grad_t, into):
    """Add the gradient of `face_point` to that of the direction [3]."""
    s, t = face_point(face, direction)
    main = _MAIN_AXIS[face]
    size = abs(direction[main])
    sign = 1.0 if direction[main] > 0 else -1.0
    into[_S_AXIS[face]] += 0.5 * _S_SIGN[face] / size * grad_s
    into[_T_AXIS[face]] += 0.5 * _T_SIGN[face] / size * grad_t
    into[main] -= sign * ((s - 0.5) * grad_s + (t - 0.5) * grad_t) / size


@kernel
def face_slopes(face, direction, slopes, out):
    """Fill (ds/dX, ds/dY, dt/dX, dt/dY) [4] from the slopes of a direction (dx/dX, dx/dY, dy/dX, ...) [6]."""
    s, t = face_point(face, direction)
    main = _MAIN_AXIS[face]
    size = abs(direction[main])
    sign = 1.0 if direction[main] > 0 else -1.0
    for k in range(2):
        growth = sign * slopes[2 * main + k] / size
        out[k] = 0.5 * _S_SIGN[face] * slopes[2 * _S_AXIS[face] + k] / size - (s - 0.5) * growth
        out[2 + k] = 0.5 * _T_SIGN[face] * slopes[2 * _T_AXIS[face] + k] / size - (t - 0.5) * growth


@kernel
def add_face_slopes_gradient(face, direction, slopes, grad, into, into_slopes):
    """Add the gradient of `face_slopes` to those of the direction [3] and of its slopes [6]."""
    s, t = face_point(face, direction)
    main = _MAIN_AXIS[face]
    size = abs(direction[main])
    sign = 1.0 if direction[main] > 0 else -1.0
    for k in range(2):
        growth = sign * slopes[2 * main + k] / size
        part_s = 0.5 * _S_SIGN[face] * slopes[2 * _S_AXIS[face] + k] / size
        part_t = 0.5 * _T_SIGN[face] * slopes[2 * _T_AXIS[face] + k] / size
        into_slopes[2 * _S_AXIS[face] + k] += 0.5 * _S_SIGN[face] / size * grad[k]
        into_slopes[2 * _T_AXIS[face] + k] += 0.5 * _T_SIGN[face] / size * grad[2 + k]
        into_slopes[2 * main + k] -= sign * ((s - 0.5) * grad[k] + (t - 0.5) * grad[2 + k]) / size
        add_face_point_gradient(face, direction, -growth * grad[k], -growth * grad[2 + k], into)
        shrink = (s - 0.5) * growth * grad[k] + (t - 0.5) * growth * grad[2 + k]
        into[main] += sign * (shrink - part_s * grad[k] - part_t * grad[2 + k]) / size


@kernel
def across_seam(face, i, j, side, direction):
    """Return (face, i, j) of the texel beside texel (i, j), which lies just beyond one side of a face."""
    s = min(max((2 * i + 1) / side - 1, -_BEYOND), _BEYOND)
    t = min(max((2 * j + 1) / side - 1, -_BEYOND), _BEYOND)
    direction[_MAIN_AXIS[face]] = 1.0 if face % 2 == 0 else -1.0
    direction[_S_AXIS[face]] = _S_SIGN[face] * s
    direction[_T_AXIS[face]] = _T_SIGN[face] * t
    neighbour = cube_face(direction)
    s, t = face_point(neighbour, direction)
    return neighbour, min(np.int64(s * side), side - 1), min(np.int64(t * side), side - 1)
