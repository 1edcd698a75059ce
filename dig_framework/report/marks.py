"""What is drawn over an image: outlines, tints and boxes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8

Color = tuple[int, int, int]
Image = UInt8[np.ndarray, "height width 3"]


def outlined(
    image: Image, mask: Bool[np.ndarray, "height width"], color: Color, width: int = 2, edge: int = 1
) -> Image:
    """Return the image with a line around every part of a mask and every hole in it, dark-edged by `edge` [px]."""
    import cv2

    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    result = image.copy()
    if edge:
        result = cv2.drawContours(result, contours, -1, (20, 20, 20), width + 2 * edge, cv2.LINE_AA)
    return cv2.drawContours(result, contours, -1, color, width, cv2.LINE_AA)


def tinted(image: Image, mask: Bool[np.ndarray, "height width"], color: Color, strength: float = 0.45) -> Image:
    """Return the image with the pixels of a mask drawn towards a colour."""
    result = image.astype(np.float32)
    result[mask] = (1 - strength) * result[mask] + strength * np.array(color, np.float32)
    return result.round().astype(np.uint8)


def boxed(image: Image, corners: tuple[float, float, float, float], color: Color, text: str) -> Image:
    """Return the image with a labelled rectangle."""
    import cv2

    x0, y0, x1, y1 = (round(value) for value in corners)
    size = max(1.0, image.shape[1] / 640)
    line, gap = round(2 * size), round(4 * size)
    result = cv2.rectangle(image.copy(), (x0, y0), (x1 - 1, y1 - 1), color, line, cv2.LINE_AA)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * size, round(size))
    top = y0 - height - 2 * gap if y0 - height - 2 * gap >= 0 else max(y0, 0)
    result[top : top + height + 2 * gap, max(x0 - 1, 0) : max(x0, 0) + width + 2 * gap] = color
    place = (max(x0, 0) + gap, top + height + gap)
    return cv2.putText(result, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * size, (255,) * 3, round(size), cv2.LINE_AA)


def greyed(image: Image, strength: float = 0.6) -> Image:
    """Return the image with less colour and contrast, as a ground for marks."""
    grey = image.mean(-1, keepdims=True)
    return (image * (1 - strength) + (0.6 * grey + 60) * strength).clip(0, 255).round().astype(np.uint8)
