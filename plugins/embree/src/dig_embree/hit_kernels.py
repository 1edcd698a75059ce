"""Compiled loops over what rays have met."""

from __future__ import annotations

import math

import numpy as np

from dig_framework.kernel import kernel

# Arrays of `met`: face [rays] (negative where no face is met), rays [rays, 3], across [faces, 3, 3] (cross products of
# the two other corners, by corner), heights [faces, 3] (depth of the corners); written: distance [rays], weights
# [rays, 3], which are left alone where no face is met.


@kernel
def met(face, rays, across, heights, distance, weights):
    """Find how far along rays of depth 1 their faces are, and the weights of the corners there."""
    share = np.zeros(3)
    for ray in range(len(face)):
        row = face[ray]
        if row < 0:
            continue
        total = 0.0
        for corner in range(3):
            # The ray is in the cone of the corners; as weights it has the shares of the volume that it cuts off.
            share[corner] = (
                across[row, corner, 0] * rays[ray, 0]
                + across[row, corner, 1] * rays[ray, 1]
                + across[row, corner, 2] * rays[ray, 2]
            )
            total += share[corner]
        scale = 0.0
        for corner in range(3):
            # Within rounding a ray may pass beside the face that Embree says it meets.
            share[corner] = min(max(share[corner] / total, 0.0), 1.0) if total != 0 else 0.0
            scale += share[corner]
        depth = 0.0
        for corner in range(3):
            weights[ray, corner] = share[corner] / scale if scale > 0 else 1 / 3
            depth += weights[ray, corner] * heights[row, corner]
        distance[ray] = depth


@kernel
def mixed(face, weights, faces, values, chosen, found):
    """Write what values of vertices [vertices, columns] are at chosen hits into `found` [chosen, columns]."""
    for place in range(len(chosen)):
        ray = chosen[place]
        row = face[ray]
        for column in range(values.shape[1]):
            total = 0.0
            for corner in range(3):
                total += weights[ray, corner] * values[faces[row, corner], column]
            found[place, column] = total


@kernel
def normals(face, weights, faces, values, plane, found):
    """Write unit normals between those of vertices into `found` [rays, 3], the plane's where it is met, else zeros."""
    for ray in range(len(face)):
        row = face[ray]
        square = 0.0
        for axis in range(3):
            total = plane[axis] if row == -1 else 0.0
            if row >= 0:
                for corner in range(3):
                    total += weights[ray, corner] * values[faces[row, corner], axis]
            found[ray, axis] = total
            square += total * total
        length = max(math.sqrt(square), 1e-300)
        for axis in range(3):
            found[ray, axis] /= length


@kernel
def tinted(image, uv, chosen, colors):
    """Multiply colours of chosen rows by an image that repeats, bilinear at `uv`; (0, 0) is its first corner."""
    rows, columns = image.shape[0], image.shape[1]
    for place in range(len(chosen)):
        x, y = uv[place, 0] * columns - 0.5, uv[place, 1] * rows - 0.5
        left, above = math.floor(x), math.floor(y)
        right_share, below_share = x - left, y - above
        column, row = int(left) % columns, int(above) % rows
        next_column, next_row = (column + 1) % columns, (row + 1) % rows
        for channel in range(3):
            upper = image[row, column, channel] * (1 - right_share) + image[row, next_column, channel] * right_share
            lower = (
                image[next_row, column, channel] * (1 - right_share)
                + image[next_row, next_column, channel] * right_share
            )
            colors[chosen[place], channel] *= upper * (1 - below_share) + lower * below_share
