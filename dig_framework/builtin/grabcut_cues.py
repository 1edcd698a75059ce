"""What depth says about which pixels can belong to boxed objects."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from dig_framework.color_space import srgb_from_linear
from dig_framework.evidence import SensorNoise
from dig_framework.observation import Observation
from dig_framework.plane import Plane


@dataclasses.dataclass(frozen=True)
class Cues:
    """Per-pixel evidence of one image, as arrays."""

    color: UInt8[np.ndarray, "height width 3"]
    """CIE Lab, 8 bits a channel."""
    points: Float[np.ndarray, "height width 3"]
    """In the scene's frame [m]; zero where nothing was measured."""
    measured: Bool[np.ndarray, "height width"]
    """Where the sensor gave a depth."""
    flat: Bool[np.ndarray, "height width"]
    """On or below the support plane, within the sensor's noise."""
    raised: Bool[np.ndarray, "height width"]
    """Surely above the support plane; every measured pixel if there is no plane."""
    surfaces: Int[np.ndarray, "height width"]
    """Connected raised surfaces without a jump in depth, numbered from 1; 0 elsewhere."""


def depth_cues(observation: Observation, plane: Plane | None, noise: SensorNoise) -> Cues:
    """Return what colour, depth and plane say, box by box being left to the caller."""
    depth = observation.depth
    points = observation.camera.unproject(depth)
    tolerance = (3 * noise.sigma(depth)).numpy()
    measured = (depth > 0).numpy()
    if plane is None:
        flat, raised = np.zeros_like(measured), measured
    else:
        height = plane.height(points).numpy()
        flat, raised = measured & (height < 0.5 * tolerance), measured & (height > tolerance)
    surfaces = _surfaces(depth.numpy(), raised, tolerance)
    return Cues(_lab(observation), points.numpy(), measured, flat, raised, surfaces)


def _lab(observation: Observation) -> UInt8[np.ndarray, "height width 3"]:
    import cv2

    encoded = (srgb_from_linear(observation.color) * 255).round().byte().numpy()
    # A median of 3 x 3 takes away the speckle that would widen the colour models; edges stay.
    return np.asarray(cv2.cvtColor(cv2.medianBlur(encoded, 3), cv2.COLOR_RGB2Lab))


def _surfaces(
    depth: Float[np.ndarray, "height width"],
    raised: Bool[np.ndarray, "height width"],
    tolerance: Float[np.ndarray, "height width"],
) -> Int[np.ndarray, "height width"]:
    import cv2
    from scipy import ndimage

    kernel = np.ones((3, 3), np.uint8)
    high = cv2.dilate(np.where(raised, depth, 0).astype(np.float32), kernel)
    low = cv2.erode(np.where(raised, depth, np.inf).astype(np.float32), kernel)
    smooth = raised & (high - low < 2 * tolerance + 0.01 * depth)
    _, cores = cv2.connectedComponents(smooth.astype(np.uint8), connectivity=4)
    # Pixels at a jump join the surface that is next to them.
    rows, columns = np.asarray(ndimage.distance_transform_edt(cores == 0, return_distances=False, return_indices=True))
    nearest = cores[rows, columns]
    there = np.abs(depth[rows, columns] - depth) < 4 * tolerance + 0.02 * depth
    return np.where(raised & there, nearest, 0).astype(np.int64)
