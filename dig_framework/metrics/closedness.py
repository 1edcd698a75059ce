"""Whether a mesh bounds a solid."""

from __future__ import annotations

import numpy as np

from dig_framework.metrics.surface import Surface


def is_watertight(surface: Surface) -> bool:
    """Return whether every side of a face is shared by exactly one other face that turns the other way.

    Vertices at the same place count as one, as in a mesh that was cut along its texture's seams; faces that have
    collapsed to a line by that do not count.
    """
    _, same = np.unique(surface.vertices, axis=0, return_inverse=True)
    faces = np.asarray(same).reshape(-1)[surface.faces]
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(1)]
    sides = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forward, counts = np.unique(sides, axis=0, return_counts=True)
    backward = np.unique(sides[:, ::-1], axis=0)
    return len(forward) > 0 and bool((counts == 1).all()) and np.array_equal(forward, backward)
