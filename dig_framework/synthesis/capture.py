"""Everything that is recorded of one image."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float

from dig_framework.camera import Camera
from dig_framework.synthesis.arrangement import Arrangement
from dig_framework.synthesis.color_sensor import photographed
from dig_framework.synthesis.depth_sensor import measured_depth
from dig_framework.synthesis.mask_errors import Corners, ragged_mask, shaken_box
from dig_framework.synthesis.photograph import Exact, Studio
from dig_framework.synthesis.room import Room
from dig_framework.synthesis.sensor import Sensor
from dig_framework.synthesis.viewpoint import Viewpoint


@dataclasses.dataclass(frozen=True)
class Capture:
    """One image as it was taken, and as it is."""

    color: Float[np.ndarray, "height width 3"]
    """Linear RGB."""
    depth: Float[np.ndarray, "height width"]
    """As measured [m]."""
    masks: Bool[np.ndarray, "objects height width"]
    """What is visible, as it is said to be."""
    boxes: tuple[Corners, ...]
    """Of what is visible, as they are said to be: left, top, right, bottom [px]."""
    camera: Camera
    """As it is said to be."""
    view: Viewpoint
    """As it is."""
    true_depth: Float[np.ndarray, "height width"]
    true_masks: Bool[np.ndarray, "objects height width"]
    whole_masks: Bool[np.ndarray, "objects height width"]
    """Where each thing would be seen if nothing were in front of it."""
    gain: float
    """From radiance to colour, white balance aside."""


def captured(
    arrangement: Arrangement, room: Room, view: Viewpoint, studio: Studio, sensor: Sensor, rng: np.random.Generator
) -> Capture:
    """Return an image by a renderer and a sensor, with its truth."""
    things = arrangement.things
    exact = studio.exact(things, room, view)
    radiance = studio.photograph(things, room, view)
    color, gain = photographed(radiance, sensor.color, rng)
    seen = np.stack([exact.owner == index for index in range(len(things))])
    transparent = np.zeros(exact.owner.shape, bool)
    for index, thing in enumerate(things):
        transparent |= seen[index] & thing.model.transparent
    focal = float(view.camera.intrinsics[0, 0])
    brightness = (radiance * gain).max(-1)
    depth = measured_depth(exact.depth, _angles(exact, view), brightness, transparent, focal, sensor.depth, rng)
    masks = np.stack([ragged_mask(mask, sensor.mask_error, rng) for mask in seen])
    height, width = exact.owner.shape
    boxes = tuple(
        shaken_box(box_around(mask), sensor.box_error, width, height, rng) if mask.any() else (0.0, 0.0, 0.0, 0.0)
        for mask in seen
    )
    return Capture(
        color, depth, masks, boxes, _said(view.camera, sensor.focal_error, rng), view, exact.depth, seen,
        np.stack([studio.silhouette(thing, view) for thing in things]), gain,
    )  # fmt: skip


def box_around(mask: Bool[np.ndarray, "height width"]) -> Corners:
    """Return the outer border of a mask's pixels, as left, top, right, bottom [px]; zeros for none."""
    if not mask.any():
        return 0.0, 0.0, 0.0, 0.0
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _angles(exact: Exact, view: Viewpoint) -> Float[np.ndarray, "height width"]:
    """Return the angle between normals and rays [rad]; zero where there is nothing."""
    rays = view.camera.rays().double().numpy()
    cosine = np.abs((exact.normals * rays).sum(-1)) / np.linalg.norm(rays, axis=-1)
    return np.where((exact.normals != 0).any(-1), np.arccos(np.clip(cosine, 0, 1)), 0.0)


def _said(camera: Camera, error: float, rng: np.random.Generator) -> Camera:
    if error <= 0:
        return camera
    factor = 1 + error * float(rng.choice([-1.0, 1.0]))
    matrix = camera.intrinsics.clone()
    matrix[0, 0] *= factor
    matrix[1, 1] *= factor
    return camera.replace(intrinsics=matrix)
