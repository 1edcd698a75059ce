"""Phong's formula for a run of points.

C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess]
    + color diffuse (n, 1) A (n, 1)

with unit normal n, direction w to the light, direction v to the camera, and w mirrored at n, r = 2 (n.w) n - w
(arXiv 2602.05029, Sec. IV), and the light from everywhere as a matrix A for each colour (Ramamoorthi and Hanrahan,
SIGGRAPH 2001, Eq. 12). Everything is in the camera's frame, so that v points from the sample to the origin.
Loops hold nothing that keeps a compiler from vector instructions.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.lane_power import ROOM
from dig_framework.rendering.lane_power_narrow import powers
from dig_framework.rendering.lanes import (
    COLOR,
    COSINE,
    FACING,
    LANES,
    LIGHT,
    LIGHT_SCALE,
    LOGARITHM,
    MIRRORED,
    NORMAL,
    NORMAL_SCALE,
    OUT,
    POSITION,
    POWER,
    VIEW,
    VIEW_SCALE,
)

_X, _Y, _Z = 0, LANES, 2 * LANES


@kernel
def shade_lanes(buffer, numbers, count, material, lights, ambient, constants):
    """Fill the radiance of a run that is gathered; its normals become unit normals."""
    shiny = material[5] != constants[0]
    point(buffer, count, constants)
    if shiny:
        view(buffer, count, constants)
    _surround(buffer, count, material, ambient, constants)
    for k in range(lights.shape[0]):
        aim(buffer, count, lights[k], constants)
        if shiny:
            mirror(buffer, count, constants)
            power(buffer, numbers, count, material, constants)
        _add_light(buffer, count, material, lights[k], constants)


@lane_kernel
def point(buffer, count, constants):
    """Fill unit normals, and the inverses of their lengths."""
    one, tiny = constants[1], constants[3]
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        scale = one / np.sqrt(x * x + y * y + z * z + tiny)
        buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i] = x * scale, y * scale, z * scale
        buffer[NORMAL_SCALE + i] = scale


@lane_kernel
def view(buffer, count, constants):
    """Fill views, the inverses of their lengths, and their cosines with normals."""
    one, tiny = constants[1], constants[3]
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        p, q, r = buffer[POSITION + _X + i], buffer[POSITION + _Y + i], buffer[POSITION + _Z + i]
        near = one / np.sqrt(p * p + q * q + r * r + tiny)
        p, q, r = -p * near, -q * near, -r * near
        buffer[VIEW + _X + i], buffer[VIEW + _Y + i], buffer[VIEW + _Z + i] = p, q, r
        buffer[FACING + i] = x * p + y * q + z * r
        buffer[VIEW_SCALE + i] = near


@lane_kernel
def _surround(buffer, count, material, ambient, constants):
    """Begin the radiance with the light from everywhere."""
    for c in range(3):
        if ambient.shape[0] == 0:
            for i in range(count):
                buffer[OUT + c * LANES + i] = constants[0]
            continue
        a, strength = ambient[c], material[4] * material[c]
        for i in range(count):
            x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
            total = x * (a[0, 0] * x + a[0, 1] * y + a[0, 2] * z + a[0, 3])
            total += y * (a[1, 0] * x + a[1, 1] * y + a[1, 2] * z + a[1, 3])
            total += z * (a[2, 0] * x + a[2, 1] * y + a[2, 2] * z + a[2, 3])
            total += a[3, 0] * x + a[3, 1] * y + a[3, 2] * z + a[3, 3]
            buffer[OUT + c * LANES + i] = strength * buffer[COLOR + c * LANES + i] * total


@lane_kernel
def aim(buffer, count, light, constants):
    """Fill the direction to a light and its cosine."""
    one, tiny = constants[1], constants[3]
    a, b, c, near = light[0], light[1], light[2], light[6]
    for i in range(count):
        x = a - near * buffer[POSITION + _X + i]
        y = b - near * buffer[POSITION + _Y + i]
        z = c - near * buffer[POSITION + _Z + i]
        scale = one / np.sqrt(x * x + y * y + z * z + tiny)
        x, y, z = x * scale, y * scale, z * scale
        buffer[LIGHT + _X + i], buffer[LIGHT + _Y + i], buffer[LIGHT + _Z + i] = x, y, z
        buffer[LIGHT_SCALE + i] = scale
        buffer[COSINE + i] = buffer[NORMAL + _X + i] * x + buffer[NORMAL + _Y + i] * y + buffer[NORMAL + _Z + i] * z


@lane_kernel
def mirror(buffer, count, constants):
    """Fill the cosines between the mirrored light and the view."""
    two = constants[2]
    for i in range(count):
        along = buffer[VIEW + _X + i] * buffer[LIGHT + _X + i] + buffer[VIEW + _Y + i] * buffer[LIGHT + _Y + i]
        along += buffer[VIEW + _Z + i] * buffer[LIGHT + _Z + i]
        buffer[MIRRORED + i] = two * buffer[COSINE + i] * buffer[FACING + i] - along


@kernel
def power(buffer, numbers, count, material, constants):
    """Fill the power of the mirrored light and its logarithm; where there is none, a power of zero."""
    _mirrored(buffer, numbers, count, constants)
    powers(numbers, count, material[6])
    _powered(buffer, numbers, count, constants)


@lane_kernel
def _mirrored(buffer, numbers, count, constants):
    dark = constants[4]
    for i in range(count):
        mirrored = buffer[MIRRORED + i]
        numbers[i] = mirrored if mirrored > dark else dark


@lane_kernel
def _powered(buffer, numbers, count, constants):
    zero, dark = constants[0], constants[4]
    for i in range(count):
        lit = buffer[MIRRORED + i] > dark
        buffer[POWER + i] = numbers[i] if lit else zero
        buffer[LOGARITHM + i] = numbers[ROOM + i] if lit else zero


@lane_kernel
def _add_light(buffer, count, material, light, constants):
    zero, everywhere, diffuse, specular = constants[0], material[3], material[4], material[5]
    m0, m1, m2 = material[0] * light[3], material[1] * light[4], material[2] * light[5]
    s0, s1, s2 = specular * light[3], specular * light[4], specular * light[5]
    for i in range(count):
        cosine = buffer[COSINE + i]
        body = everywhere + diffuse * (cosine if cosine > zero else zero)
        buffer[OUT + _X + i] += m0 * buffer[COLOR + _X + i] * body
        buffer[OUT + _Y + i] += m1 * buffer[COLOR + _Y + i] * body
        buffer[OUT + _Z + i] += m2 * buffer[COLOR + _Z + i] * body
    if specular != zero:
        for i in range(count):
            power = buffer[POWER + i]
            buffer[OUT + _X + i] += s0 * power
            buffer[OUT + _Y + i] += s1 * power
            buffer[OUT + _Z + i] += s2 * power
