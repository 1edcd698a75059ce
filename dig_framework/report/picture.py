"""Pictures of a report: an image with words for those who cannot see it."""

from __future__ import annotations

import base64
import dataclasses
import io
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from dig_framework.atomic_files import write_atomic
from dig_framework.report.color_scale import ColorScale


@dataclasses.dataclass(frozen=True)
class Picture:
    """An image, its name, and what it says."""

    name: str
    """Path below the folder of pictures, without a suffix."""
    image: UInt8[np.ndarray, "height width 3"]
    """sRGB."""
    title: str
    alt: str
    """What is seen, in a sentence."""
    scale: ColorScale | None = None
    """What its colours mean, if they are values."""

    def uri(self) -> str:
        """Return the image as a data URI."""
        kind = "JPEG" if self.scale is None else "PNG"
        return f"data:image/{kind.lower()};base64,{base64.b64encode(_encoded(self.image, kind)).decode()}"

    def write(self, folder: Path) -> None:
        """Write the image as PNG, with a scale bar below if its colours are values."""
        image = (
            self.image if self.scale is None else np.concatenate([self.image, _bar(self.scale, self.image.shape[1])])
        )
        write_atomic(folder / f"{self.name}.png", _encoded(image, "PNG"))


def _encoded(image: np.ndarray, kind: str) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    options = {"quality": 88} if kind == "JPEG" else {"compress_level": 6}
    Image.fromarray(image).save(stream, kind, **options)
    return stream.getvalue()


def _bar(scale: ColorScale, width: int) -> np.ndarray:
    """Return a strip with the scale's colours and labelled ticks."""
    import cv2

    strip = np.full((44, width, 3), 255, np.uint8)
    left, right = 24, width - 48
    strip[6:20, left:right] = scale.colors(np.linspace(scale.low, scale.high, right - left))[None]
    for position, label in scale.ticks():
        x = round(left + position * (right - left - 1))
        strip[20:24, x] = 60
        cv2.putText(
            strip, label, (x - 4 * len(label), 38), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA
        )
    cv2.putText(strip, scale.unit, (right + 6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    return strip
