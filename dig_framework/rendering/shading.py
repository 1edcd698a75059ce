"""Phong's formula for one sample of a surface, and its derivative.

C = sum over lights of i [color (ambient + diffuse max(0, n.w)) + specular clip(r.v, 0, 1)^shininess]

with unit normal n, direction w to the light, direction v to the camera, and w mirrored at n, r = 2 (n.w) n - w
(arXiv 2602.05029, Sec. IV). Everything is in the camera's frame, so that v points from the sample to the origin.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

_DARK = 1e-9
"""Mirrored light below this counts as none: its power and logarithm have no finite derivative at zero."""


@kernel
def shade(p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights):
    """Return the radiance of a sample.

    Args:
        p0, p1, p2: Position [m].
        n0, n1, n2: Normal of any length.
        c0, c1, c2: Reflectance that multiplies the material's colour.
        material: Colour, ambient, diffuse, specular, shininess [7].
        lights: Position [m] and intensity of each light [L, 6].
    """
    scale = 1 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2 + 1e-30)
    n0, n1, n2 = n0 * scale, n1 * scale, n2 * scale
    scale = -1 / np.sqrt(p0 * p0 + p1 * p1 + p2 * p2 + 1e-30)
    v0, v1, v2 = p0 * scale, p1 * scale, p2 * scale
    nv = n0 * v0 + n1 * v1 + n2 * v2
    red, green, blue = 0.0, 0.0, 0.0
    for k in range(lights.shape[0]):
        w0, w1, w2 = lights[k, 0] - p0, lights[k, 1] - p1, lights[k, 2] - p2
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
def shade_backward(
    p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights, red, green, blue, material_gradient, lights_gradient
):
    """Return the gradient with respect to position, normal and reflectance, nine numbers.

    Args:
        p0, p1, p2, n0, n1, n2, c0, c1, c2, material, lights: As for `shade`.
        red, green, blue: Gradient with respect to the radiance.
        material_gradient: Is added to [7].
        lights_gradient: Is added to [L, 6].
    """
    n_scale = 1 / np.sqrt(n0 * n0 + n1 * n1 + n2 * n2 + 1e-30)
    n0, n1, n2 = n0 * n_scale, n1 * n_scale, n2 * n_scale
    v_scale = 1 / np.sqrt(p0 * p0 + p1 * p1 + p2 * p2 + 1e-30)
    v0, v1, v2 = -p0 * v_scale, -p1 * v_scale, -p2 * v_scale
    nv = n0 * v0 + n1 * v1 + n2 * v2
    a0, a1, a2 = material[0] * c0, material[1] * c1, material[2] * c2
    ambient, diffuse, specular, shininess = material[3], material[4], material[5], material[6]
    gp0, gp1, gp2, gn0, gn1, gn2, gv0, gv1, gv2 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ga0, ga1, ga2 = 0.0, 0.0, 0.0
    for k in range(lights.shape[0]):
        w0, w1, w2 = lights[k, 0] - p0, lights[k, 1] - p1, lights[k, 2] - p2
        w_scale = 1 / np.sqrt(w0 * w0 + w1 * w1 + w2 * w2 + 1e-30)
        w0, w1, w2 = w0 * w_scale, w1 * w_scale, w2 * w_scale
        nw = n0 * w0 + n1 * w1 + n2 * w2
        mirrored = 2 * nw * nv - (w0 * v0 + w1 * v1 + w2 * v2)
        lit = max(nw, 0.0)
        body = ambient + diffuse * lit
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
        gp0, gp1, gp2 = gp0 - gw0, gp1 - gw1, gp2 - gw2
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
