"""Phong's formula for a run of pixels, and its derivative; the formula is that of `dig_framework.rendering.shading`.

Loops over lanes hold nothing that keeps a compiler from vector instructions: powers and logarithms are in loops of
their own, which run only where there is a highlight.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.lanes import (
    COLOR,
    COSINE,
    D_COLOR,
    D_COSINE,
    D_MIRRORED,
    D_NORMAL,
    D_POSITION,
    D_VIEW,
    FACING,
    LANES,
    LIGHT,
    LIGHT_SCALE,
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
def shade_lanes(buffer, count, material, lights, ambient, constants):
    """Fill the radiance of a run that is gathered; its normals become unit normals."""
    _point(buffer, count, constants)
    _surround(buffer, count, material, ambient, constants)
    for k in range(lights.shape[0]):
        _aim(buffer, count, lights[k], constants)
        if material[5] != constants[0]:
            _power(buffer, count, material, constants)
        _add_light(buffer, count, material, lights[k], constants)


@lane_kernel
def _point(buffer, count, constants):
    """Fill unit normals and views, and their lengths' inverses."""
    one, tiny = constants[1], constants[3]
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        p, q, r = buffer[POSITION + _X + i], buffer[POSITION + _Y + i], buffer[POSITION + _Z + i]
        scale, near = one / np.sqrt(x * x + y * y + z * z + tiny), one / np.sqrt(p * p + q * q + r * r + tiny)
        x, y, z, p, q, r = x * scale, y * scale, z * scale, -p * near, -q * near, -r * near
        buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i] = x, y, z
        buffer[VIEW + _X + i], buffer[VIEW + _Y + i], buffer[VIEW + _Z + i] = p, q, r
        buffer[FACING + i] = x * p + y * q + z * r
        buffer[NORMAL_SCALE + i], buffer[VIEW_SCALE + i] = scale, near


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
def _aim(buffer, count, light, constants):
    """Fill the direction to a light and its cosines."""
    one, two, tiny = constants[1], constants[2], constants[3]
    a, b, c, near = light[0], light[1], light[2], light[6]
    for i in range(count):
        x = a - near * buffer[POSITION + _X + i]
        y = b - near * buffer[POSITION + _Y + i]
        z = c - near * buffer[POSITION + _Z + i]
        scale = one / np.sqrt(x * x + y * y + z * z + tiny)
        x, y, z = x * scale, y * scale, z * scale
        buffer[LIGHT + _X + i], buffer[LIGHT + _Y + i], buffer[LIGHT + _Z + i] = x, y, z
        buffer[LIGHT_SCALE + i] = scale
        cosine = buffer[NORMAL + _X + i] * x + buffer[NORMAL + _Y + i] * y + buffer[NORMAL + _Z + i] * z
        along = buffer[VIEW + _X + i] * x + buffer[VIEW + _Y + i] * y + buffer[VIEW + _Z + i] * z
        buffer[COSINE + i] = cosine
        buffer[MIRRORED + i] = two * cosine * buffer[FACING + i] - along


@kernel
def _power(buffer, count, material, constants):
    for i in range(count):
        mirrored = buffer[MIRRORED + i]
        buffer[POWER + i] = mirrored ** material[6] if mirrored > constants[4] else constants[0]


@lane_kernel
def _add_light(buffer, count, material, light, constants):
    zero, everywhere, diffuse, specular = constants[0], material[3], material[4], material[5]
    for c in range(3):
        intensity, own = light[3 + c], material[c]
        for i in range(count):
            cosine = buffer[COSINE + i]
            body = everywhere + diffuse * (cosine if cosine > zero else zero)
            buffer[OUT + c * LANES + i] += intensity * own * buffer[COLOR + c * LANES + i] * body
        if specular != zero:
            for i in range(count):
                buffer[OUT + c * LANES + i] += intensity * specular * buffer[POWER + i]


@kernel
def shade_lanes_backward(
    buffer, count, material, lights, ambient, constants, material_gradient, lights_gradient, ambient_gradient
):
    """Fill the gradients of position, normal and colour, from that of the radiance, and add to those of the rest.

    Args:
        buffer: A run that is gathered, with the gradient of its radiance in `OUT`.
        count: Of its pixels.
        material: Of its surface [7].
        lights: As in `Surfaces`.
        ambient: As in `Surfaces`.
        constants: As in `Tables`.
        material_gradient: Is added to [7], float64.
        lights_gradient: Is added to [L, 7], float64.
        ambient_gradient: Is added to [3, 4, 4], float64.
    """
    _point(buffer, count, constants)
    for row in range(D_POSITION, D_VIEW + 3 * LANES, LANES):
        for i in range(count):
            buffer[row + i] = constants[0]
    for c in range(ambient.shape[0]):
        _surround_backward(buffer, count, material, c, ambient[c], constants, material_gradient, ambient_gradient[c])
    for k in range(lights.shape[0]):
        _aim(buffer, count, lights[k], constants)
        _power(buffer, count, material, constants)
        _reflect_backward(buffer, count, material, lights[k], constants, material_gradient, lights_gradient[k])
        if material[5] != constants[0]:
            _highlight_backward(buffer, count, material, lights[k], constants, material_gradient)
        _aim_backward(buffer, count, lights[k], constants, lights_gradient[k])
    _point_backward(buffer, count)
    _color_backward(buffer, count, material, constants, material_gradient)


@lane_kernel
def _surround_backward(buffer, count, material, c, a, constants, material_gradient, gradient):
    diffuse, own, lit = material[4], material[c], constants[0]
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        total = x * (a[0, 0] * x + a[0, 1] * y + a[0, 2] * z + a[0, 3])
        total += y * (a[1, 0] * x + a[1, 1] * y + a[1, 2] * z + a[1, 3])
        total += z * (a[2, 0] * x + a[2, 1] * y + a[2, 2] * z + a[2, 3])
        total += a[3, 0] * x + a[3, 1] * y + a[3, 2] * z + a[3, 3]
        g = buffer[OUT + c * LANES + i] * total
        lit += own * buffer[COLOR + c * LANES + i] * g
        buffer[D_COLOR + c * LANES + i] += diffuse * g
    material_gradient[4] += lit
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        g = diffuse * own * buffer[COLOR + c * LANES + i] * buffer[OUT + c * LANES + i]
        for m in range(3):
            buffer[D_NORMAL + m * LANES + i] += g * (
                (a[m, 0] + a[0, m]) * x + (a[m, 1] + a[1, m]) * y + (a[m, 2] + a[2, m]) * z + (a[m, 3] + a[3, m])
            )
        for m in range(4):
            end = g if m == 3 else g * (x if m == 0 else (y if m == 1 else z))
            gradient[m, 0] += end * x
            gradient[m, 1] += end * y
            gradient[m, 2] += end * z
            gradient[m, 3] += end


@lane_kernel
def _reflect_backward(buffer, count, material, light, constants, material_gradient, light_gradient):
    """Differentiate the body, and the highlight with respect to its strength; fill the gradients of both cosines."""
    zero, everywhere, diffuse, specular = constants[0], material[3], material[4], material[5]
    m0, m1, m2, i0, i1, i2 = material[0], material[1], material[2], light[3], light[4], light[5]
    all_around, lit_sum, shine, l0, l1, l2 = zero, zero, zero, zero, zero, zero
    for i in range(count):
        g0, g1, g2 = buffer[OUT + _X + i], buffer[OUT + _Y + i], buffer[OUT + _Z + i]
        cosine, power = buffer[COSINE + i], buffer[POWER + i]
        lit = cosine if cosine > zero else zero
        body = everywhere + diffuse * lit
        a0, a1, a2 = m0 * buffer[COLOR + _X + i], m1 * buffer[COLOR + _Y + i], m2 * buffer[COLOR + _Z + i]
        l0 += g0 * (a0 * body + specular * power)
        l1 += g1 * (a1 * body + specular * power)
        l2 += g2 * (a2 * body + specular * power)
        g0, g1, g2 = i0 * g0, i1 * g1, i2 * g2
        total, reflected = g0 + g1 + g2, g0 * a0 + g1 * a1 + g2 * a2
        all_around += reflected
        lit_sum += reflected * lit
        shine += total * power
        buffer[D_COLOR + _X + i] += g0 * body
        buffer[D_COLOR + _Y + i] += g1 * body
        buffer[D_COLOR + _Z + i] += g2 * body
        buffer[D_COSINE + i] = reflected * diffuse if cosine > zero else zero
        buffer[D_MIRRORED + i] = zero
    material_gradient[3] += all_around
    material_gradient[4] += lit_sum
    material_gradient[5] += shine
    light_gradient[3] += l0
    light_gradient[4] += l1
    light_gradient[5] += l2


@kernel
def _highlight_backward(buffer, count, material, light, constants, material_gradient):
    """Fill the gradient of the mirrored light, and take it to normals, views and the other cosine."""
    specular, shininess, exponent = material[5], material[6], constants[0]
    for i in range(count):
        mirrored, power = buffer[MIRRORED + i], buffer[POWER + i]
        if mirrored > constants[4]:
            total = light[3] * buffer[OUT + _X + i] + light[4] * buffer[OUT + _Y + i] + light[5] * buffer[OUT + _Z + i]
            exponent += total * specular * power * np.log(mirrored)
            buffer[D_MIRRORED + i] = total * specular * shininess * power / mirrored
    material_gradient[6] += exponent
    _mirror_backward(buffer, count, constants)


@lane_kernel
def _mirror_backward(buffer, count, constants):
    """Differentiate 2 (n.w) (n.v) - w.v, but for its derivative in w."""
    two = constants[2]
    for i in range(count):
        g = buffer[D_MIRRORED + i]
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        p, q, r = buffer[VIEW + _X + i], buffer[VIEW + _Y + i], buffer[VIEW + _Z + i]
        a, b, c = buffer[LIGHT + _X + i], buffer[LIGHT + _Y + i], buffer[LIGHT + _Z + i]
        facing, cosine = two * g * buffer[FACING + i], two * g * (x * a + y * b + z * c)
        buffer[D_COSINE + i] += facing
        buffer[D_NORMAL + _X + i] += cosine * p
        buffer[D_NORMAL + _Y + i] += cosine * q
        buffer[D_NORMAL + _Z + i] += cosine * r
        buffer[D_VIEW + _X + i] += cosine * x - g * a
        buffer[D_VIEW + _Y + i] += cosine * y - g * b
        buffer[D_VIEW + _Z + i] += cosine * z - g * c


@lane_kernel
def _aim_backward(buffer, count, light, constants, light_gradient):
    """Take the gradients of both cosines to normals, positions and the light."""
    near, a, b, c = light[6], constants[0], constants[0], constants[0]
    for i in range(count):
        g, h = buffer[D_COSINE + i], buffer[D_MIRRORED + i]
        x, y, z = buffer[LIGHT + _X + i], buffer[LIGHT + _Y + i], buffer[LIGHT + _Z + i]
        buffer[D_NORMAL + _X + i] += g * x
        buffer[D_NORMAL + _Y + i] += g * y
        buffer[D_NORMAL + _Z + i] += g * z
        p = g * buffer[NORMAL + _X + i] - h * buffer[VIEW + _X + i]
        q = g * buffer[NORMAL + _Y + i] - h * buffer[VIEW + _Y + i]
        r = g * buffer[NORMAL + _Z + i] - h * buffer[VIEW + _Z + i]
        along, scale = p * x + q * y + r * z, buffer[LIGHT_SCALE + i]
        p, q, r = (p - along * x) * scale, (q - along * y) * scale, (r - along * z) * scale
        a, b, c = a + p, b + q, c + r
        buffer[D_POSITION + _X + i] -= near * p
        buffer[D_POSITION + _Y + i] -= near * q
        buffer[D_POSITION + _Z + i] -= near * r
    light_gradient[0] += a
    light_gradient[1] += b
    light_gradient[2] += c


@lane_kernel
def _point_backward(buffer, count):
    """Take the gradients of unit normals and views to normals and positions."""
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        a, b, c = buffer[D_NORMAL + _X + i], buffer[D_NORMAL + _Y + i], buffer[D_NORMAL + _Z + i]
        along, scale = a * x + b * y + c * z, buffer[NORMAL_SCALE + i]
        buffer[D_NORMAL + _X + i] = (a - along * x) * scale
        buffer[D_NORMAL + _Y + i] = (b - along * y) * scale
        buffer[D_NORMAL + _Z + i] = (c - along * z) * scale
        x, y, z = buffer[VIEW + _X + i], buffer[VIEW + _Y + i], buffer[VIEW + _Z + i]
        a, b, c = buffer[D_VIEW + _X + i], buffer[D_VIEW + _Y + i], buffer[D_VIEW + _Z + i]
        along, scale = a * x + b * y + c * z, buffer[VIEW_SCALE + i]
        buffer[D_POSITION + _X + i] -= (a - along * x) * scale
        buffer[D_POSITION + _Y + i] -= (b - along * y) * scale
        buffer[D_POSITION + _Z + i] -= (c - along * z) * scale


@lane_kernel
def _color_backward(buffer, count, material, constants, material_gradient):
    """Take the gradient of the product of colours to both."""
    for c in range(3):
        total, own = constants[0], material[c]
        for i in range(count):
            g = buffer[D_COLOR + c * LANES + i]
            total += g * buffer[COLOR + c * LANES + i]
            buffer[D_COLOR + c * LANES + i] = g * own
        material_gradient[c] += total
