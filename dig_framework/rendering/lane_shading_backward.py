"""The derivative of Phong's formula for a run of points; the formula is that of `lane_shading`."""

from __future__ import annotations

from dig_framework.kernel import kernel, lane_kernel
from dig_framework.rendering.lane_shading import aim, mirror, point, power, view
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
    LOGARITHM,
    MIRRORED,
    NORMAL,
    NORMAL_SCALE,
    OUT,
    POWER,
    VIEW,
    VIEW_SCALE,
)

_X, _Y, _Z = 0, LANES, 2 * LANES


@kernel
def shade_lanes_backward(
    buffer, numbers, count, moves, shiny, material, lights, ambient, constants, material_gradient, lights_gradient,
    ambient_gradient
):  # fmt: skip
    """Add to the gradients of position, normal and colour, from that of the radiance, and to those of the rest.

    Args:
        buffer: A run that is gathered, with the gradient of its radiance in `OUT`.
        numbers: Of the run, for powers.
        count: Of its pixels.
        moves: Whether gradients of positions and normals are wanted.
        shiny: Whether there is a highlight, or its strength has a gradient.
        material: Of its surface [7].
        lights: As in `Tables`, like the next two.
        ambient: As there.
        constants: As there.
        material_gradient: Is added to [7], float64.
        lights_gradient: Is added to [L, 7], float64.
        ambient_gradient: Is added to [3, 4, 4], float64.
    """
    point(buffer, count, constants)
    if shiny:
        view(buffer, count, constants)
    else:
        clear(buffer, POWER, 1, count, constants)
        clear(buffer, VIEW, 3, count, constants)
    clear(buffer, D_VIEW, 3, count, constants)
    for c in range(ambient.shape[0]):
        _surround_backward(buffer, count, material, c, ambient[c], constants, material_gradient, ambient_gradient[c])
    for k in range(lights.shape[0]):
        aim(buffer, count, lights[k], constants)
        if shiny:
            mirror(buffer, count, constants)
            power(buffer, numbers, count, material, constants)
        _reflect_backward(buffer, count, material, lights[k], constants, material_gradient, lights_gradient[k])
        if material[5] != constants[0]:
            _highlight_backward(buffer, count, material, lights[k], constants, material_gradient)
            _mirror_backward(buffer, count, constants)
        _aim_backward(buffer, count, moves, lights[k], constants, lights_gradient[k])
    if moves:
        _point_backward(buffer, count)
        if shiny:
            _view_backward(buffer, count)
    _color_backward(buffer, count, material, constants, material_gradient)


@lane_kernel
def clear(buffer, first, quantities, count, constants):
    """Fill some quantities with zero."""
    zero = constants[0]
    for c in range(quantities):
        for i in range(count):
            buffer[first + c * LANES + i] = zero


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


@lane_kernel
def _highlight_backward(buffer, count, material, light, constants, material_gradient):
    """Fill the gradient of the mirrored light."""
    dark, specular, shininess = constants[4], material[5], material[6]
    l0, l1, l2, exponent = light[3], light[4], light[5], constants[0]
    for i in range(count):
        mirrored = buffer[MIRRORED + i]
        total = l0 * buffer[OUT + _X + i] + l1 * buffer[OUT + _Y + i] + l2 * buffer[OUT + _Z + i]
        total *= specular * buffer[POWER + i]
        exponent += total * buffer[LOGARITHM + i]
        buffer[D_MIRRORED + i] = total * shininess / (mirrored if mirrored > dark else dark)
    material_gradient[6] += exponent


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
def _aim_backward(buffer, count, moves, light, constants, light_gradient):
    """Take the gradients of both cosines to the light and, if it `moves`, to what it falls on."""
    near, a, b, c = light[6], constants[0], constants[0], constants[0]
    for i in range(count):
        g, h = buffer[D_COSINE + i], buffer[D_MIRRORED + i]
        x, y, z = buffer[LIGHT + _X + i], buffer[LIGHT + _Y + i], buffer[LIGHT + _Z + i]
        p = g * buffer[NORMAL + _X + i] - h * buffer[VIEW + _X + i]
        q = g * buffer[NORMAL + _Y + i] - h * buffer[VIEW + _Y + i]
        r = g * buffer[NORMAL + _Z + i] - h * buffer[VIEW + _Z + i]
        along, scale = p * x + q * y + r * z, buffer[LIGHT_SCALE + i]
        p, q, r = (p - along * x) * scale, (q - along * y) * scale, (r - along * z) * scale
        a, b, c = a + p, b + q, c + r
        # Of what is left of these, only the derivative of the cosine is still needed.
        buffer[LIGHT_SCALE + i] = g
        buffer[D_COSINE + i], buffer[D_MIRRORED + i], buffer[POWER + i] = p, q, r
    light_gradient[0] += a
    light_gradient[1] += b
    light_gradient[2] += c
    if moves:
        for i in range(count):
            g = buffer[LIGHT_SCALE + i]
            buffer[D_NORMAL + _X + i] += g * buffer[LIGHT + _X + i]
            buffer[D_NORMAL + _Y + i] += g * buffer[LIGHT + _Y + i]
            buffer[D_NORMAL + _Z + i] += g * buffer[LIGHT + _Z + i]
            buffer[D_POSITION + _X + i] -= near * buffer[D_COSINE + i]
            buffer[D_POSITION + _Y + i] -= near * buffer[D_MIRRORED + i]
            buffer[D_POSITION + _Z + i] -= near * buffer[POWER + i]


@lane_kernel
def _point_backward(buffer, count):
    """Take the gradients of unit normals to normals."""
    for i in range(count):
        x, y, z = buffer[NORMAL + _X + i], buffer[NORMAL + _Y + i], buffer[NORMAL + _Z + i]
        a, b, c = buffer[D_NORMAL + _X + i], buffer[D_NORMAL + _Y + i], buffer[D_NORMAL + _Z + i]
        along, scale = a * x + b * y + c * z, buffer[NORMAL_SCALE + i]
        buffer[D_NORMAL + _X + i] = (a - along * x) * scale
        buffer[D_NORMAL + _Y + i] = (b - along * y) * scale
        buffer[D_NORMAL + _Z + i] = (c - along * z) * scale


@lane_kernel
def _view_backward(buffer, count):
    """Take the gradients of views to positions."""
    for i in range(count):
        x, y, z = buffer[VIEW + _X + i], buffer[VIEW + _Y + i], buffer[VIEW + _Z + i]
        a, b, c = buffer[D_VIEW + _X + i], buffer[D_VIEW + _Y + i], buffer[D_VIEW + _Z + i]
        along, scale = a * x + b * y + c * z, buffer[VIEW_SCALE + i]
        buffer[D_POSITION + _X + i] -= (a - along * x) * scale
        buffer[D_POSITION + _Y + i] -= (b - along * y) * scale
        buffer[D_POSITION + _Z + i] -= (c - along * z) * scale


@lane_kernel
def _color_backward(buffer, count, material, constants, material_gradient):
    """Take the gradient of the product of colours to both."""
    m0, m1, m2, t0, t1, t2 = material[0], material[1], material[2], constants[0], constants[0], constants[0]
    for i in range(count):
        g0, g1, g2 = buffer[D_COLOR + _X + i], buffer[D_COLOR + _Y + i], buffer[D_COLOR + _Z + i]
        t0 += g0 * buffer[COLOR + _X + i]
        t1 += g1 * buffer[COLOR + _Y + i]
        t2 += g2 * buffer[COLOR + _Z + i]
        buffer[D_COLOR + _X + i], buffer[D_COLOR + _Y + i], buffer[D_COLOR + _Z + i] = g0 * m0, g1 * m1, g2 * m2
    material_gradient[0] += t0
    material_gradient[1] += t1
    material_gradient[2] += t2
