"""Make the pictures of these pages from a run of the demo scene, and save them small enough to commit.

dig-framework demo --config reference --into runs/pictures && python docs/make_pictures.py runs/pictures
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).parent / "pictures"
HEIGHT = 240
"""Of every picture [px]."""

PICTURES = {
    "input": ("input/color", "input/depth"),
    "segment": ("segment/masks", "segment/heights"),
    "initialize": ("initialize/overlay", "initialize/depth_error"),
    "fit": ("fit/render", "fit/masks", "fit/depth_error"),
    "deform": ("deform/render", "deform/masks", "deform/depth_error"),
    "grasp": ("grasp/*", "grasp/*", "grasp/*"),
    "overview": ("input/color", "deform/overlay", "grasp/*"),
}
"""Which of a run's pictures stand side by side; a star takes the next one in the folder."""


def main(run: Path) -> None:
    """Write every picture."""
    TARGET.mkdir(exist_ok=True)
    for name, parts in PICTURES.items():
        beside([opened(run / "pictures", part, place) for place, part in enumerate(parts)]).save(
            TARGET / f"{name}.png", optimize=True
        )


def opened(folder: Path, part: str, place: int) -> Image.Image:
    """Return one picture at the common height."""
    stage, _, stem = part.partition("/")
    found = sorted((folder / stage).glob(f"{stem}.png"))
    image = Image.open(found[place % len(found)] if stem == "*" else found[0]).convert("RGB")
    return image.resize((round(image.width * HEIGHT / image.height), HEIGHT), Image.Resampling.LANCZOS)


def beside(images: list[Image.Image], gap: int = 6) -> Image.Image:
    """Return pictures side by side on white, in a palette."""
    width = sum(image.width for image in images) + gap * (len(images) - 1)
    whole = Image.new("RGB", (width, HEIGHT), "white")
    left = 0
    for image in images:
        whole.paste(image, (left, 0))
        left += image.width + gap
    return whole.quantize(192, dither=Image.Dither.FLOYDSTEINBERG)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
