"""Procedural textures as linear RGB images, row 0 at v = 1."""

from __future__ import annotations

import cv2
import numpy as np

Array = np.ndarray


def wood(rng: np.random.Generator, size: int = 1536, planks: int = 6) -> Array:
    """Return planks of oak: stretched noise for the grain, one tone a plank."""
    rows = size // planks + 1
    image = np.zeros((rows * planks, size, 3))
    for plank in range(planks):
        warp = 0.9 * _smooth_noise(rng, rows, size, 12, 120)
        grain = np.sin(2 * np.pi * (np.arange(rows)[:, None] / 26 + warp + rng.uniform()))
        fibre = _smooth_noise(rng, rows, size, 0.8, 30)
        tone = (
            1
            + 0.13 * grain * _smooth_noise(rng, rows, size, 20, 160).clip(0.2)
            + 0.10 * fibre
            + rng.uniform(-0.12, 0.12)
        )
        tone[0] *= 0.55
        image[plank * rows : (plank + 1) * rows] = tone[..., None] * np.array([0.40, 0.245, 0.125])
    return image[:size].clip(0.02, 0.9)


def box_print(height: int = 340, column: int = 260) -> Array:
    """Return the print of a tea carton, six faces side by side."""
    faces = [_carton_side(height, column, with_leaf=side in (2, 3)) for side in range(6)]
    return _linear(np.concatenate(faces, 1))


def bottle_label(height: int = 512, width: int = 768) -> Array:
    """Return a yellow squeeze bottle with a printed band and a red cap; v runs up the bottle."""
    image = np.full((height, width, 3), (0.93, 0.72, 0.10))
    top, bottom = int(height * 0.46), int(height * 0.84)
    image[top:bottom] = (0.97, 0.94, 0.86)
    for edge in (top, bottom - 10):
        image[edge : edge + 10] = (0.10, 0.35, 0.22)
    for column in range(width // 6, width, width // 3):
        cv2.putText(
            image, "SENF", (column - 74, top + 118), cv2.FONT_HERSHEY_DUPLEX, 2.0, (0.10, 0.35, 0.22), 5, cv2.LINE_AA
        )
        cv2.ellipse(image, (column, top + 150), (60, 9), 0, 0, 360, (0.80, 0.14, 0.10), -1, cv2.LINE_AA)
    image[: int(height * 0.17)] = (0.72, 0.08, 0.07)
    return _linear(image)


def _carton_side(height: int, width: int, with_leaf: bool) -> Array:
    image = np.full((height, width, 3), (0.13, 0.42, 0.40))
    image[int(height * 0.62) :] = (0.93, 0.90, 0.80)
    image[int(height * 0.60) : int(height * 0.62)] = (0.85, 0.55, 0.16)
    if with_leaf:
        cv2.ellipse(image, (width // 2, int(height * 0.36)), (66, 28), -38, 0, 360, (0.62, 0.78, 0.36), -1, cv2.LINE_AA)
        start, end = (width // 2 - 62, int(height * 0.36) + 48), (width // 2 + 50, int(height * 0.36) - 38)
        cv2.line(image, start, end, (0.25, 0.46, 0.18), 3, cv2.LINE_AA)
        cv2.putText(
            image,
            "TEE",
            (width // 2 - 56, int(height * 0.80)),
            cv2.FONT_HERSHEY_DUPLEX,
            1.9,
            (0.13, 0.30, 0.30),
            4,
            cv2.LINE_AA,
        )
    for row in range(int(height * 0.86), int(height * 0.95), 10):
        image[row : row + 3, width // 5 : width - width // 5] = (0.45, 0.45, 0.42)
    return image


def _smooth_noise(rng: np.random.Generator, rows: int, columns: int, sigma_rows: float, sigma_columns: float) -> Array:
    noise = cv2.GaussianBlur(rng.standard_normal((rows, columns)), (0, 0), sigma_columns, sigmaY=sigma_rows)
    return noise / noise.std()


def _linear(encoded: Array) -> Array:
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
