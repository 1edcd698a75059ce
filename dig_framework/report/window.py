"""The part of an image that the pictures of a report show, enlarged."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, UInt8

from dig_framework.observation import Observation

_SHOWN_WIDTH = 720


@dataclasses.dataclass(frozen=True)
class Window:
    """A rectangle of pixels and how often they are enlarged."""

    left: int
    top: int
    right: int
    bottom: int
    zoom: float

    @classmethod
    def around_boxes(cls, observation: Observation, margin: float = 0.15) -> Window:
        """Return a window around all boxes; the whole image if there are none."""
        height, width = observation.depth.shape
        if not observation.boxes:
            return cls(0, 0, width, height, _zoom(width))
        corners = np.array([box.xyxy for box in observation.boxes])
        low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
        pad = margin * float((high - low).max()) + 8
        left, top = (int(max(0, value)) for value in low - pad)
        right, bottom = (int(min(edge, value)) for edge, value in zip((width, height), high + pad, strict=True))
        return cls(left, top, right, bottom, _zoom(right - left))

    def crop(self, values: np.ndarray) -> np.ndarray:
        """Return the window of an array of rows and columns, not enlarged."""
        return values[self.top : self.bottom, self.left : self.right]

    def image(self, image: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "rows columns 3"]:
        """Return the window of an image, enlarged smoothly."""
        import cv2

        return cv2.resize(self.crop(image), self.size(), interpolation=cv2.INTER_CUBIC)

    def values(self, values: np.ndarray) -> np.ndarray:
        """Return the window of a map of values, enlarged in blocks, so that none is invented."""
        import cv2

        return cv2.resize(self.crop(values), self.size(), interpolation=cv2.INTER_NEAREST)

    def mask(self, mask: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "rows columns"]:
        """Return the window of a mask, enlarged with smooth edges."""
        import cv2

        return cv2.resize(self.crop(mask).astype(np.float32), self.size(), interpolation=cv2.INTER_LINEAR) > 0.5

    def size(self) -> tuple[int, int]:
        """Return width and height of what is shown [px]."""
        return round((self.right - self.left) * self.zoom), round((self.bottom - self.top) * self.zoom)


def _zoom(width: int) -> float:
    return max(1.0, min(4.0, _SHOWN_WIDTH / max(width, 1)))
