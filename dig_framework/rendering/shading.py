"""Phong's formula for one sample of a surface, and its derivative.

C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess]
    + color diffuse (n, 1) A (n, 1)

with unit normal n, direction w to the light, direction v to the camera, and w mirrored at n, r = 2 (n.w) n - w
(arXiv 2602.05029, Sec. IV), and the light from everywhere as a matrix A for each colour (Ramamoorthi and Hanrahan,
SIGGRAPH 2001, Eq. 12). Everything is in the camera's frame, so that v points from the sample to the origin.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

_DARK = 1e-9
"""Mirrored light below this counts as none: its power and logarithm have no finite derivative at zero."""


@kernel
def shade(p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights, ambient):
    """Return the radiance of a sample.

    Args:
        p0, p1, p2: Position [m].
        n0, n1, n2: Normal of any length.
        c0, c1, c2: Reflectance that multiplies the material's colour.
        material: Colour, ambient, diffuse, specular, shininess [7].
        lights: Position [m] or direction, intensity, and 1 for a position or 0 for a direction, of each light [L, 7].
        ambient: Matrix of the light from everywhere for each colour [3, 4, 4]; [0, 4, 4] if there is none.
    """
    scale = 1 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2 + 1e-30)
    n0, n1, n2 = n0 * scale, n1 * scale, n2 * scale
    scale = -1 / np.sqrt(p0 * p0 + p1 * p1 + p2 * p2 + 1e-30)
    v0, v1, v2 = p0 * scale, p1 * scale, p2 * scale
    nv = n0 * v0 + n1 * v1 + n2 * v2
    red, green, blue = 0.0, 0.0, 0.0
    if ambient.shape[0] > 0:
        red = material[4] * material[0] * c0 * _surrounding(ambient[0], n0, n1, n2)
        green = material[4] * material[1] * c1 * _surrounding(ambient[1], n0, n1, n2)
        blue = material[4] * material[2] * c2 * _surrounding(ambient[2], n0, n1, n2)
    for k in range(lights.shape[0]):
        near = lights[k, 6]
        w0, w1, w2 = lights[k, 0] - near * p0, lights[k, 1] - near * p1, lights[k, 2] - near * p2
        scale = 1 / np.sqrt(w0 * w0 + w1 * w1 + w2 * w2 + 1e-30)
        w0, w1, w2 = w0 * scale, w1 * scale, w2 * scale
        nw = n0 * w0 + n1 * w1 + n2 * w2
        mirrored = 2 * nw * nv - (w0 * v0 + w1 * v1 + w2 * v2)
        body = material[3] + material[4] * max(nw, 0.0)
        shine = material[5] * mirrored ** material[6] if material[5] != 0 and mirrored > _DARK else 0.0
        red += lights[k, 3] * (material[0] * c0 * body + shine)
        green += lights[k, 4] * (material[1] * c1 * body + shine)
        blue += lights[k, 5] * (material[2] * c2 * body + shine)
    return red, green, blue


@kernel
def _surrounding(matrix, n0, n1, n2):
    """Return (n, 1) A (n, 1)."""
    total = 0.0
    for k in range(4):
        end = matrix[k, 0] * n0 + matrix[k, 1] * n1 + matrix[k, 2] * n2 + matrix[k, 3]
        total += end * (n0 if k == 0 else (n1 if k == 1 else (n2 if k == 2 else 1.0)))
    return total


@kernel
def _surrounding_backward(matrix, n0, n1, n2, g, matrix_gradient):
    """Return g times the derivative of (n, 1) A (n, 1) in n, and add that in A."""
    x, y, z = 0.0, 0.0, 0.0
    for k in range(4):
        end = n0 if k == 0 else (n1 if k == 1 else (n2 if k == 2 else 1.0))
        x += g * end * (matrix[k, 0] + matrix[0, k])
        y += g * end * (matrix[k, 1] + matrix[1, k])
        z += g * end * (matrix[k, 2] + matrix[2, k])
        matrix_gradient[k, 0] += g * end * n0
        matrix_gradient[k, 1] += g * end * n1
        matrix_gradient[k, 2] += g * end * n2
        matrix_gradient[k, 3] += g * end
    return x, y, z


@kernel
def shade_backward(
    p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights, ambient,
    red, green, blue, material_gradient, lights_gradient, ambient_gradient,
):  # fmt: skip
    """Return the gradient with respect to position, normal and reflectance, nine numbers.

    Args:
        p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights, ambient: As for `shade`.
        red, green, blue: Gradient with respect to the radiance.
        material_gradient: Is added to [7].
        lights_gradient: Is added to [L, 7].
        ambient_gradient: Is added to [3, 4, 4].
    """
    n_scale = 1 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2 + 1e-30)
    n0, n1, n2 = n0 * n_scale, n1 * n_scale, n2 * n_scale
    v_scale = 1 / np.sqrt(p0 * p0 + p1 * p1 + p2 * p2 + 1e-30)
    v0, v1, v2 = -p0 * v_scale, -p1 * v_scale, -p2 * v_scale
    nv = n0 * v0 + n1 * v1 + n2 * v2
    a0, a1, a2 = material[0] * c0, material[1] * c1, material[2] * c2
    everywhere, diffuse, specular, shininess = material[3], material[4], material[5], material[6]
    gp0, gp1, gp2, gn0, gn1, gn2, gv0, gv1, gv2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ga0, ga1, ga2 = 0.0, 0.0, 0.0
    if ambient.shape[0] > 0:
        e0, e1, e2 = (
            _surrounding(ambient[0], n0, n1, n2), _surrounding(ambient[1], n0, n1, n2),
            _surrounding(ambient[2], n0, n1, n2),
        )  # fmt: skip
        ga0, ga1, ga2 = diffuse * red * e0, diffuse * green * e1, diffuse * blue * e2
        material_gradient[4] += a0 * red * e0 + a1 * green * e1 + a2 * blue * e2
        for channel in range(3):
            upstream = diffuse * (a0 * red if channel == 0 else (a1 * green if channel == 1 else a2 * blue))
            x, y, z = _surrounding_backward(ambient[channel], n0, n1, n2, upstream, ambient_gradient[channel])
            gn0, gn1, gn2 = gn0 + x, gn1 + y, gn2 + z
    for k in range(lights.shape[0]):
        near = lights[k, 6]
        w0, w1, w2 = lights[k, 0] - near * p0, lights[k, 1] - near * p1, lights[k, 2] - near * p2
        w_scale = 1 / np.sqrt(w0 * w0 + w1 * w1 + w2 * w2 + 1e-30)
        w0, w1, w2 = w0 * w_scale, w1 * w_scale, w2 * w_scale
        nw = n0 * w0 + n1 * w1 + n2 * w2
        mirrored = 2 * nw * nv - (w0 * v0 + w1 * v1 + w2 * v2)
        lit = max(nw, 0.0)
        body = everywhere + diffuse * lit
        power = mirrored**shininess if mirrored > _DARK else 0.0
        i0, i1, i2 = lights[k, 3] * red, lights[k, 4] * green, lights[k, 5] * blue
        total = i0 + i1 + i2
        reflected = i0 * a0 + i1 * a1 + i2 * a2
        ga0 += i0 * body
        ga1 += i1 * body
        ga2 += i2 * body
        material_gradient[3] += reflected
        material_gradient[4] += reflected * lit
        material_gradient[5] += total * power
        lights_gradient[k, 3] += red * (a0 * body + specular * power)
        lights_gradient[k, 4] += green * (a1 * body + specular * power)
        lights_gradient[k, 5] += blue * (a2 * body + specular * power)
        g_mirrored = 0.0
        if mirrored > _DARK:
            material_gradient[6] += total * specular * power * np.log(mirrored)
            g_mirrored = total * specular * shininess * power / mirrored
        g_nw = 2 * nv * g_mirrored + (reflected * diffuse if nw > 0 else 0.0)
        g_nv = 2 * nw * g_mirrored
        gn0 += g_nw * w0 + g_nv * v0
        gn1 += g_nw * w1 + g_nv * v1
        gn2 += g_nw * w2 + g_nv * v2
        gv0 += g_nv * n0 - g_mirrored * w0
        gv1 += g_nv * n1 - g_mirrored * w1
        gv2 += g_nv * n2 - g_mirrored * w2
        gw0 = g_nw * n0 - g_mirrored * v0
        gw1 = g_nw * n1 - g_mirrored * v1
        gw2 = g_nw * n2 - g_mirrored * v2
        along = gw0 * w0 + gw1 * w1 + gw2 * w2
        gw0, gw1, gw2 = (gw0 - along * w0) * w_scale, (gw1 - along * w1) * w_scale, (gw2 - along * w2) * w_scale
        lights_gradient[k, 0] += gw0
        lights_gradient[k, 1] += gw1
        lights_gradient[k, 2] += gw2
        gp0, gp1, gp2 = gp0 - near * gw0, gp1 - near * gw1, gp2 - near * gw2
    along = gv0 * v0 + gv1 * v1 + gv2 * v2
    gp0 -= (gv0 - along * v0) * v_scale
    gp1 -= (gv1 - along * v1) * v_scale
    gp2 -= (gv2 - along * v2) * v_scale
    along = gn0 * n0 + gn1 * n1 + gn2 * n2
    gn0, gn1, gn2 = (gn0 - along * n0) * n_scale, (gn1 - along * n1) * n_scale, (gn2 - along * n2) * n_scale
    material_gradient[0] += ga0 * c0
    material_gradient[1] += ga1 * c1
    material_gradient[2] += ga2 * c2
    return gp0, gp1, gp2, gn0, gn1, gn2, ga0 * material[0], ga1 * material[1], ga2 * material[2]
