"""The level of detail of a pixel: how large it is on the texture.

A circle of one pixel's radius becomes an ellipse on the texture; the level is the binary logarithm of its major axis in
texels (Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989).
"""

from __future__ import annotations

import math

from dig_framework.kernel import kernel


@kernel
def squared_axis(slopes, height, width):
    """Return the squared major axis for (ds/dX, ds/dY, dt/dX, dt/dY) [4] on a texture of a size [texel^2]."""
    along_x = (slopes[0] * width) ** 2 + (slopes[2] * height) ** 2
    along_y = (slopes[1] * width) ** 2 + (slopes[3] * height) ** 2
    mixed = slopes[0] * slopes[1] * width * width + slopes[2] * slopes[3] * height * height
    half = 0.5 * (along_x - along_y)
    return 0.5 * (along_x + along_y) + math.sqrt(half * half + mixed * mixed)


@kernel
def level_of(square):
    """Return the level of a squared axis."""
    return 0.5 * math.log2(square) if square > 0 else -math.inf


@kernel
def fill_level_gradient(slopes, height, width, square, out):
    """Fill the derivative of the level with respect to the slopes [4]."""
    along_x = (slopes[0] * width) ** 2 + (slopes[2] * height) ** 2
    along_y = (slopes[1] * width) ** 2 + (slopes[3] * height) ** 2
    mixed = slopes[0] * slopes[1] * width * width + slopes[2] * slopes[3] * height * height
    half = 0.5 * (along_x - along_y)
    root = math.sqrt(half * half + mixed * mixed)
    # A circle has no major axis; any one has a derivative that is as good as another's.
    lean, turn = (half / root, mixed / root) if root > 0 else (0.0, 0.0)
    scale = 0.5 / (math.log(2.0) * square)
    out[0] = scale * width * width * ((1 + lean) * slopes[0] + turn * slopes[1])
    out[1] = scale * width * width * ((1 - lean) * slopes[1] + turn * slopes[0])
    out[2] = scale * height * height * ((1 + lean) * slopes[2] + turn * slopes[3])
    out[3] = scale * height * height * ((1 - lean) * slopes[3] + turn * slopes[2])
