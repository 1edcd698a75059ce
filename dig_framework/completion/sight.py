"""One object as a shape backend sees it: its window, an upright frame and its trusted surface."""

from __future__ import annotations

import dataclasses

import numpy as np

from dig_framework.completion.frame import UprightFrame, upright_frame
from dig_framework.completion.visible_surface import VisibleSurface, visible_surface
from dig_framework.completion.window import Window, window
from dig_framework.errors import InputError
from dig_framework.evidence import Evidence

ENOUGH = 30
"""Fewer measured pixels than this determine no shape."""


@dataclasses.dataclass(frozen=True)
class Sight:
    """The cleaned view of one object."""

    view: Window
    frame: UprightFrame
    surface: VisibleSurface
    sigma: float
    """Standard deviation of depth at the object [m]."""


def sight(evidence: Evidence, erosion: int, reach: int) -> Sight:
    """Cut out, frame and clean what the image shows of an object.

    Args:
        evidence: Of one object.
        erosion: Border pixels of the mask whose depth is not used [px].
        reach: Half the size of the depth smoothing neighbourhood [px].

    Raises:
        InputError: If fewer than 30 pixels have depth, or fewer than 30 lie on a surface above the table.
    """
    view = window(evidence)
    measured = view.depth[view.mask & (view.depth > 0)]
    total = int(view.mask.sum())
    if len(measured) < ENOUGH:
        raise InputError(
            f"only {len(measured)} of the mask's {total} pixels have depth, at least {ENOUGH} are needed; check the "
            "mask and the depth image"
        )
    frame = upright_frame(evidence.plane, evidence.points.detach().cpu().double().numpy())
    middle = float(np.median(measured))
    sigma = float(evidence.noise.sigma(evidence.observation.depth.new_tensor(middle)))
    surface = visible_surface(view, frame, sigma, erosion, reach)
    if len(surface.points) < ENOUGH:
        raise InputError(
            f"only {len(surface.points)} of {len(measured)} measured pixels lie on a surface above the table, at least "
            f"{ENOUGH} are needed; check the mask, the depth image and the support plane"
        )
    return Sight(view, frame, surface, sigma)
