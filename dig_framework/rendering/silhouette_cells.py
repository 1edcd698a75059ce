"""Squares of the image that silhouettes pass through, and the faces in each."""

from __future__ import annotations

import numpy as np

from dig_framework.kernel import kernel

CELL = 4
"""Side of a square [px]."""
_MARGIN = 1e-2
"""By which a silhouette is taken to be wider [px]."""


def cells_of(
    segments: np.ndarray, room: np.ndarray, box: np.ndarray, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the faces in every square that a segment passes through.

    Args:
        segments: (u, v, u, v) of each [segments, 4] [px].
        room: Of segment s, room[s + 1] - room[s], is zero if it is not to be looked at [segments + 1].
        box: As in `Visibility`.
        width: Of the image [px].
        height: Of the image [px].

    Returns:
        Range of each square in the list of faces [squares + 1], square by square and row by row of them, and the list;
        squares without a segment have no faces.
    """
    rows, columns = -(-height // CELL), -(-width // CELL)
    start, at = np.zeros(rows * columns + 1, np.int64), np.zeros((rows, columns), np.int64)
    _mark(segments, room, at)
    _count(box, at, start)
    listed = np.empty(start[-1], np.int32)
    _list(box, at, listed)
    return start, listed


@kernel
def _mark(segments, room, marked):
    """Write 1 for the squares that segments pass through."""
    for s in range(segments.shape[0]):
        if room[s] == room[s + 1]:
            continue
        u, v = segments[s, 0], segments[s, 1]
        du, dv = segments[s, 2] - u, segments[s, 3] - v
        steps = np.int64(max(abs(du), abs(dv)) / CELL) + 1
        for k in range(steps):
            a, b = u + du * k / steps, v + dv * k / steps
            c, d = u + du * (k + 1) / steps, v + dv * (k + 1) / steps
            left, right = _first(min(a, c) - _MARGIN), _last(max(a, c) + _MARGIN, marked.shape[1])
            for row in range(_first(min(b, d) - _MARGIN), _last(max(b, d) + _MARGIN, marked.shape[0]) + 1):
                for column in range(left, right + 1):
                    marked[row, column] = 1


@kernel
def _first(low):
    """Return the first square that reaches beyond a coordinate, at least 0."""
    return max(np.int64(np.int32((low + 0.5) / CELL)), 0)


@kernel
def _last(high, count):
    """Return the last of `count` squares that begins before a coordinate, negative if there is none."""
    return min(np.int64(np.int32((high + 0.5) / CELL)) if high > -1 else -1, count - 1)


@kernel
def _count(box, at, start):
    """Count the faces in marked squares; `at` becomes where the faces of each begin, or -1."""
    for row in range(at.shape[0]):
        for column in range(at.shape[1]):
            at[row, column] -= 1
    for f in range(box.shape[0]):
        left, right = _first(box[f, 0]), _last(box[f, 1], at.shape[1])
        for row in range(_first(box[f, 2]), _last(box[f, 3], at.shape[0]) + 1):
            for column in range(left, right + 1):
                if at[row, column] >= 0:
                    at[row, column] += 1
    total, cell = 0, 0
    for row in range(at.shape[0]):
        for column in range(at.shape[1]):
            start[cell] = total
            if at[row, column] >= 0:
                count = at[row, column]
                at[row, column] = total
                total += count
            cell += 1
    start[cell] = total


@kernel
def _list(box, at, listed):
    """Fill the list; in each square faces keep their order."""
    for f in range(box.shape[0]):
        left, right = _first(box[f, 0]), _last(box[f, 1], at.shape[1])
        for row in range(_first(box[f, 2]), _last(box[f, 3], at.shape[0]) + 1):
            for column in range(left, right + 1):
                if at[row, column] >= 0:
                    listed[at[row, column]] = f
                    at[row, column] += 1
