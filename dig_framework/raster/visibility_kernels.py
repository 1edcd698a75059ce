"""Kernels of `rasterize`: which triangle every pixel's centre sees, and what is written there.

Triangles are snapped, sorted into tiles and drawn tile by tile. Edge functions are integers, so that a pixel centre on
an edge belongs to exactly one of the two triangles that share it. Depths are compared in steps of 2^-30, so that
coincident surfaces are equally deep; the triangle that comes first wins.
"""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel
from dig_framework.raster.clipping import CORNERS, SUBPIXELS, clip, copy_corners, outside_of, snap
from dig_framework.raster.triangle_ids import encode_id
from dig_framework.raster.weights import SETUP, clamped, raw_weights, read_corners, set_up, slopes

TILE = 16
"""Side of a tile [px]."""
FARTHEST = 1 << 30
"""Steps of depth from z/w = 0 to z/w = 1."""

_CHUNK = 256


@kernel
def snap_triangles(part, parts, positions, triangles, image, triangle, base, width, height, box, snapped):
    """Prepare every item.

    Args:
        part: Of the threads.
        parts: Their number.
        positions: Of all vertices [P, 4].
        triangles: Vertex indices [F, 3].
        image: Of each item [M].
        triangle: Of each item [M].
        base: First vertex of each image [N].
        width: Of the images [px].
        height: Of the images [px].
        box: Receives first and last column, first and last row of what each item may cover [M, 4] [px], int32.
        snapped: Receives the snapped corners of each item and, in the last place, whether it must be clipped first, and
            these are not all or not its own [M, 7] [1/16 px], int32.
    """
    for chunk in range(part, (len(image) + _CHUNK - 1) // _CHUNK, parts):
        _snap_chunk(
            positions, triangles, image, triangle, base, width, height, box, snapped,
            chunk * _CHUNK, min((chunk + 1) * _CHUNK, len(image)),
        )  # fmt: skip


@kernel
def _snap_chunk(positions, triangles, image, triangle, base, width, height, box, snapped, first, last):
    corners, polygon, spare = np.empty((3, 4)), np.empty((CORNERS, 4)), np.empty((CORNERS, 4))
    grid = np.empty((CORNERS, 2), np.int64)
    for i in range(first, last):
        read_corners(positions, base[image[i]], triangles, triangle[i], corners)
        box[i, 0], box[i, 1] = 0, -1
        outside = outside_of(corners, width, height)
        if outside == 2:
            continue
        count = 3
        if outside == 1:
            count = clip(corners, width, height, polygon, spare)
        else:
            copy_corners(corners, 3, polygon)
        if count < 3 or not snap(polygon, count, width, height, grid):
            continue
        _bound(grid, count, width, height, box, i)
        snapped[i, 6] = outside
        for k in range(3):
            snapped[i, 2 * k], snapped[i, 2 * k + 1] = grid[k, 0], grid[k, 1]


@kernel
def _bound(grid, count, width, height, box, i):
    """Fill the box of pixels whose centres a snapped polygon may cover."""
    x0 = x1 = grid[0, 0]
    y0 = y1 = grid[0, 1]
    for k in range(1, count):
        x0, x1 = min(x0, grid[k, 0]), max(x1, grid[k, 0])
        y0, y1 = min(y0, grid[k, 1]), max(y1, grid[k, 1])
    half = SUBPIXELS // 2
    box[i, 0], box[i, 1] = max((x0 + half - 1) // SUBPIXELS, 0), min((x1 - half) // SUBPIXELS, width - 1)
    box[i, 2], box[i, 3] = max((y0 + half - 1) // SUBPIXELS, 0), min((y1 - half) // SUBPIXELS, height - 1)
    if box[i, 3] < box[i, 2]:
        box[i, 0], box[i, 1] = 0, -1


@kernel
def count_tile_items(image, box, rows, columns, start):
    """Fill `start` [N * rows * columns + 1]: tile t owns entries start[t] to start[t + 1] of the list of items."""
    start[:] = 0
    for i in range(len(image)):
        if box[i, 0] > box[i, 1]:
            continue
        for y in range(box[i, 2] // TILE, box[i, 3] // TILE + 1):
            for x in range(box[i, 0] // TILE, box[i, 1] // TILE + 1):
                start[(image[i] * rows + y) * columns + x + 1] += 1
    for t in range(len(start) - 1):
        start[t + 1] += start[t]


@kernel
def list_tile_items(image, box, rows, columns, start, listed):
    """Fill the list of items; within a tile they keep their order."""
    at = start[:-1].copy()
    for i in range(len(image)):
        if box[i, 0] > box[i, 1]:
            continue
        for y in range(box[i, 2] // TILE, box[i, 3] // TILE + 1):
            for x in range(box[i, 0] // TILE, box[i, 1] // TILE + 1):
                tile = (image[i] * rows + y) * columns + x
                listed[at[tile]] = i
                at[tile] += 1


@kernel
def draw_tiles(
    part,
    parts,
    positions,
    triangles,
    triangle,
    base,
    snapped,
    box,
    start,
    listed,
    active,
    previous,
    rast,
    slope,
    depth,
    wide,
):
    """Draw the tiles that have items.

    Args:
        part: Of the threads.
        parts: Their number.
        positions: Of all vertices [P, 4].
        triangles: Vertex indices [F, 3].
        triangle: Of each item [M].
        base: First vertex of each image [N].
        snapped: As filled by `snap_triangles` [M, 7].
        box: As filled by `snap_triangles` [M, 4].
        start: As filled by `count_tile_items`.
        listed: As filled by `list_tile_items`.
        active: Tiles that have items.
        previous: Depth at and before which nothing is drawn [N, height, width], or without pixels, int32.
        rast: Zeros, receives (u, v, z/w, id) [N, height, width, 4].
        slope: Zeros, receives (du/dX, du/dY, dv/dX, dv/dY) [N, height, width, 4], or without channels.
        depth: Receives the depth where something is drawn [N, height, width], or without pixels, int32.
        wide: Whether `rast` is float64.
    """
    for job in range(part, len(active), parts):
        tile = active[job]
        _draw_tile(
            positions, triangles, triangle, base, snapped, box, start, listed, tile, previous, rast, slope, depth, wide
        )


@kernel
def _draw_tile(
    positions, triangles, triangle, base, snapped, box, start, listed, tile, previous, rast, slope, depth, wide
):
    height, width = rast.shape[1], rast.shape[2]
    rows, columns = (height + TILE - 1) // TILE, (width + TILE - 1) // TILE
    n, y0, x0 = tile // (rows * columns), (tile // columns) % rows * TILE, tile % columns * TILE
    corners, row = np.empty((3, 4)), np.empty(SETUP)
    polygon, spare = np.empty((CORNERS, 4)), np.empty((CORNERS, 4))
    grid = np.empty((CORNERS, 2), np.int64)
    nearest, seen = np.empty((TILE, TILE), np.int32), np.empty((TILE, TILE), np.int32)
    for y in range(TILE):
        for x in range(TILE):
            nearest[y, x], seen[y, x] = FARTHEST + 1, -1
    for k in range(start[tile], start[tile + 1]):
        i = listed[k]
        read_corners(positions, base[n], triangles, triangle[i], corners)
        set_up(corners, row)
        count = 3
        if snapped[i, 6]:
            count = clip(corners, width, height, polygon, spare)
            snap(polygon, count, width, height, grid)
        else:
            for c in range(3):
                grid[c, 0], grid[c, 1] = snapped[i, 2 * c], snapped[i, 2 * c + 1]
        for c in range(1, count - 1):
            _draw_triangle(grid, c, c + 1, i, row, box, n, x0, y0, width, height, previous, nearest, seen)
    _write_tile(positions, triangles, triangle, base, n, x0, y0, nearest, seen, corners, row, rast, slope, depth, wide)


@kernel
def _owns(dx, dy):
    """Whether centres on an edge of direction (dx, dy), inside to its left, belong to it: true for one direction."""
    return dy < 0 or (dy == 0 and dx < 0)


@kernel
def _draw_triangle(grid, q, r, item, row, box, n, x0, y0, width, height, previous, nearest, seen):
    """Draw the triangle of snapped corners 0, q and r into the tile that starts at (x0, y0)."""
    ax, ay, bx, by, cx, cy = grid[0, 0], grid[0, 1], grid[q, 0], grid[q, 1], grid[r, 0], grid[r, 1]
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if area == 0:
        return
    if area < 0:
        bx, by, cx, cy = cx, cy, bx, by
    left, right = max(np.int64(box[item, 0]), x0), min(np.int64(box[item, 1]), x0 + TILE - 1)
    low, high = max(np.int64(box[item, 2]), y0), min(np.int64(box[item, 3]), y0 + TILE - 1)
    half = SUBPIXELS // 2
    px, py = SUBPIXELS * left + half, SUBPIXELS * low + half
    dx0, dy0, dx1, dy1, dx2, dy2 = bx - ax, by - ay, cx - bx, cy - by, ax - cx, ay - cy
    # A centre that an edge does not own must be at least one step inside.
    e0 = dx0 * (py - ay) - dy0 * (px - ax) - (0 if _owns(dx0, dy0) else 1)
    e1 = dx1 * (py - by) - dy1 * (px - bx) - (0 if _owns(dx1, dy1) else 1)
    e2 = dx2 * (py - cy) - dy2 * (px - cx) - (0 if _owns(dx2, dy2) else 1)
    step_x, step_y = 2.0 / width, 2.0 / height
    for y in range(low, high + 1):
        f0, f1, f2 = e0, e1, e2
        line = row[10] * ((y + 0.5) * step_y - 1) + row[11]
        for x in range(left, right + 1):
            if (f0 | f1 | f2) >= 0:
                value = row[9] * ((x + 0.5) * step_x - 1) + line
                steps = np.int32(np.rint(min(max(value, -1.0), 1.0) * FARTHEST))
                if steps < nearest[y - y0, x - x0] and (previous.size == 0 or steps > previous[n, y, x]):
                    nearest[y - y0, x - x0] = steps
                    seen[y - y0, x - x0] = item
            f0 -= SUBPIXELS * dy0
            f1 -= SUBPIXELS * dy1
            f2 -= SUBPIXELS * dy2
        e0 += SUBPIXELS * dx0
        e1 += SUBPIXELS * dx1
        e2 += SUBPIXELS * dx2


@kernel
def _write_tile(positions, triangles, triangle, base, n, x0, y0, nearest, seen, corners, row, rast, slope, depth, wide):
    """Write what the centres of a tile see."""
    height, width = rast.shape[1], rast.shape[2]
    step_x, step_y = 2.0 / width, 2.0 / height
    current, solid = -1, False
    for y in range(y0, min(y0 + TILE, height)):
        for x in range(x0, min(x0 + TILE, width)):
            item = seen[y - y0, x - x0]
            if item < 0:
                continue
            if item != current:
                current = item
                read_corners(positions, base[n], triangles, triangle[item], corners)
                solid = set_up(corners, row)
            center_x, center_y = (x + 0.5) * step_x - 1, (y + 0.5) * step_y - 1
            u, v, total = raw_weights(row, center_x, center_y)
            value = row[9] * center_x + (row[10] * center_y + row[11])
            if depth.size:
                depth[n, y, x] = nearest[y - y0, x - x0]
            if slope.shape[3] and solid:
                du_dx, du_dy, dv_dx, dv_dy = slopes(row, u, v, total, step_x, step_y)
                slope[n, y, x, 0], slope[n, y, x, 1], slope[n, y, x, 2], slope[n, y, x, 3] = du_dx, du_dy, dv_dx, dv_dy
            u, v = clamped(u, v)
            rast[n, y, x, 0], rast[n, y, x, 1] = u, v
            rast[n, y, x, 2] = min(max(value, -1.0), 1.0)
            rast[n, y, x, 3] = encode_id(triangle[item] + 1, wide)
