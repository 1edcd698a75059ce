"""What stereo depth cameras make of exact depth."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Bool, Float

from dig_framework.synthesis.prints import noise

Map = Float[np.ndarray, "height width"]
Mask = Bool[np.ndarray, "height width"]


@dataclasses.dataclass(frozen=True)
class DepthSensor:
    """Numbers of a stereo camera; zeros switch an error off.

    The axial noise is 1.2 mm + 1.9 mm/m^2 (z - 0.4 m)^2 and the lateral one about a pixel, both growing at grazing
    angles, as Nguyen, Izadi and Lovell measured ("Modeling Kinect Sensor Noise for Improved 3D Reconstruction and
    Tracking", 3DIMPVT 2012, Eqs. 1-3). Steps are those of a disparity in 1/32 px over a baseline of 50 mm, and what
    only one imager sees is lost (Keselman et al., "Intel RealSense Stereoscopic Depth Cameras", CVPRW 2017).
    """

    noise_scale: float = 0.0
    """Times the axial and lateral noise."""
    disparity_step: float = 0.0
    """[px]"""
    edge_dropout: float = 0.0
    """Share of pixels within two of a jump in depth that are lost."""
    flying: float = 0.0
    """Share of such pixels that are left which lie between the near and the far side."""
    dark_loss: float = 0.0
    """Share that is lost of what is black; none is of what reflects over 8 %."""
    glare_loss: float = 0.0
    """Share that is lost where the image is overexposed."""
    transparent_loss: float = 0.0
    """Share that is lost of what is transparent."""
    shadow: bool = False
    """Whether what the second imager does not see is lost."""
    spots: float = 0.0
    """Share of the image that is lost in random spots."""
    salt: float = 0.0
    """Share of pixels with any depth whatever."""


BASELINE = 0.05
"""Between the imagers of a D435 [m]."""
_JUMP = 0.015
"""Difference in depth between neighbours that makes an edge [m]."""
_GLARE = 1.25
"""Brightness from which on the imagers see no pattern."""


def axial_sigma(depth: Map, angle: Map) -> Map:
    """Return the standard deviation of depth [m] by depth [m] and the angle between normal and ray [rad]."""
    steep = np.minimum(angle, math.radians(80))
    grazing = 0.0001 / np.sqrt(np.maximum(depth, 0.1)) * steep**2 / (math.pi / 2 - steep) ** 2
    return 0.0012 + 0.0019 * (depth - 0.4) ** 2 + grazing


def lateral_sigma(angle: Map) -> Map:
    """Return the standard deviation of where a pixel looks [px] by the angle between normal and ray [rad]."""
    steep = np.minimum(angle, math.radians(80))
    return 0.8 + 0.035 * steep / (math.pi / 2 - steep)


def measured_depth(
    depth: Map,
    angle: Map,
    brightness: Map,
    transparent: Mask,
    focal: float,
    sensor: DepthSensor,
    rng: np.random.Generator,
) -> Map:
    """Return depth as the sensor gives it [m]; zero where it gives none.

    Args:
        depth: Exact [m].
        angle: Between the surface's normal and the ray [rad].
        brightness: Of the linear image; 1 is where it saturates.
        transparent: What is looked through.
        focal: Length [px].
        sensor: Its numbers.
        rng: Chance.
    """
    if sensor == DepthSensor():
        return depth
    edges = near_jumps(depth)
    found = _displaced(depth, angle, sensor.noise_scale, rng)
    found = found + sensor.noise_scale * axial_sigma(depth, angle) * _grain(depth.shape, rng)
    found = _flown(found, edges, sensor.flying, rng)
    found = stepped(found, focal, sensor.disparity_step)
    lost = _lost(depth, edges, brightness, transparent, focal, sensor, rng)
    found = np.where(lost | (depth <= 0), 0.0, np.maximum(found, 0.0))
    salted = rng.random(depth.shape) < sensor.salt
    return np.where(salted, rng.uniform(0.3, 2.0, depth.shape), found)


def stepped(depth: Map, focal: float, step: float) -> Map:
    """Return depth whose disparity is a multiple of a step [px]."""
    if step <= 0:
        return depth
    disparity = focal * BASELINE / np.maximum(depth, 1e-3)
    return np.where(depth > 0, focal * BASELINE / np.maximum(np.round(disparity / step) * step, step), 0.0)


def near_jumps(depth: Map) -> Mask:
    """Return the pixels within two of a jump in depth."""
    import cv2

    kernel = np.ones((3, 3), np.uint8)
    jump = cv2.dilate(depth, kernel) - cv2.erode(depth, kernel) > _JUMP
    return cv2.dilate(jump.astype(np.uint8), kernel) > 0


def second_view_hidden(depth: Map, focal: float) -> Mask:
    """Return what the second imager, to the right of the first, cannot see for something nearer."""
    columns = np.arange(depth.shape[1])
    seen_at = np.where(depth > 0, columns - focal * BASELINE / np.maximum(depth, 1e-3), np.inf)
    nearest = np.minimum.accumulate(seen_at[:, ::-1], axis=1)[:, ::-1]
    hidden = np.zeros(depth.shape, bool)
    hidden[:, :-1] = nearest[:, 1:] < seen_at[:, :-1] - 0.5
    return hidden & (depth > 0)


def _grain(shape: tuple[int, ...], rng: np.random.Generator) -> Map:
    """Return noise of deviation 1 that neighbours share in part, as matching windows do."""
    return 0.8 * rng.standard_normal(shape) + 0.6 * noise(rng, shape[0], shape[1], 1.5)


def _displaced(depth: Map, angle: Map, scale: float, rng: np.random.Generator) -> Map:
    """Return the depth of places that are beside those that are meant, where no edge is in between."""
    import cv2

    rows, columns = depth.shape
    spread = scale * lateral_sigma(angle)
    v, u = np.mgrid[0:rows, 0:columns]
    aside = [np.clip(spread * rng.standard_normal(depth.shape), -3, 3) for _ in range(2)]
    moved = cv2.remap(depth.astype(np.float32), (u + aside[0]).astype(np.float32), (v + aside[1]).astype(np.float32),
                      cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)  # fmt: skip
    crosses = np.abs(moved - depth) > _JUMP
    # Inside surfaces the noise of depth has the slope's share already; at edges outlines become ragged.
    return np.where(crosses, moved, depth)


def _flown(depth: Map, edges: Mask, share: float, rng: np.random.Generator) -> Map:
    import cv2

    kernel = np.ones((5, 5), np.uint8)
    far = cv2.dilate(depth, kernel)
    near = cv2.erode(np.where(depth > 0, depth, 9.0), kernel)
    flies = edges & (rng.random(depth.shape) < share) & (near < 9.0)
    mix = rng.random(depth.shape)
    return np.where(flies, mix * near + (1 - mix) * far, depth)


def _lost(
    depth: Map,
    edges: Mask,
    brightness: Map,
    transparent: Mask,
    focal: float,
    sensor: DepthSensor,
    rng: np.random.Generator,
) -> Mask:
    rows, columns = depth.shape
    fine, coarse = rng.random(depth.shape), noise(rng, rows, columns, 3.0)
    # A rank between 0 and 1 that is alike for neighbours, so that holes are patches.
    patchy = 1 / (1 + np.exp(-1.7 * coarse))
    lost = edges & (fine < sensor.edge_dropout)
    lost |= patchy < sensor.dark_loss * np.clip((0.05 - brightness) / 0.04, 0, 1)
    lost |= (brightness > _GLARE) & (patchy < sensor.glare_loss)
    lost |= transparent & (patchy < sensor.transparent_loss)
    if sensor.shadow:
        lost |= second_view_hidden(depth, focal)
    if sensor.spots > 0:
        field = noise(rng, rows, columns, 3.0)
        lost |= field > np.quantile(field, 1 - sensor.spots)
    return lost
