"""Images that lie on objects and furniture, as linear RGB reflectance."""

from __future__ import annotations

import colorsys

import numpy as np
from jaxtyping import Float

Color = tuple[float, float, float]
Image = Float[np.ndarray, "_ _ 3"]

_SYLLABLES = ("LA", "VO", "MI", "TRA", "KE", "SOL", "NU", "BRI", "DO", "FEN", "GA", "RU", "PEL", "ZI", "MON", "TE")


def random_color(rng: np.random.Generator, saturation: tuple[float, float] = (0.35, 0.9), value: float = 0.75) -> Color:
    """Return a colour of a random hue."""
    hue, strength = float(rng.random()), float(rng.uniform(*saturation))
    return colorsys.hsv_to_rgb(hue, strength, min(0.95, float(value * rng.uniform(0.65, 1.2))))


def plain(rng: np.random.Generator, color: Color, rows: int = 96, roughness: float = 0.03) -> Image:
    """Return one colour with faint blotches and scratches."""
    blotches = noise(rng, rows, 384, 12.0) * roughness + noise(rng, rows, 384, 1.0) * roughness / 3
    return np.clip(np.asarray(color) * (1 + blotches[..., None]), 0.01, 0.95)


def banded(rng: np.random.Generator, bands: list[tuple[float, Color]], rows: int = 256) -> Image:
    """Return stripes from the top down, each given by its share of the height and its colour."""
    image = np.zeros((rows, 384, 3))
    ends = np.round(np.cumsum([0.0, *(share for share, _ in bands)]) / sum(share for share, _ in bands) * rows)
    starts = ends.astype(int).tolist()
    for (_, color), first, last in zip(bands, starts[:-1], starts[1:], strict=True):
        if last > first:
            image[first:last] = plain(rng, color, last - first)
    return image


def labelled(rng: np.random.Generator, body: Color, first: float, last: float, rows: int = 384) -> Image:
    """Return a body of one colour with a printed label around it, between two shares of the height from the top."""
    image = _wide(plain(rng, body, rows))
    top, bottom = int(first * rows), int(last * rows)
    image[top:bottom] = label(rng, bottom - top, image.shape[1], repeats=2)
    return image


def label(rng: np.random.Generator, rows: int, columns: int, repeats: int = 1) -> Image:
    """Return a printed label: a ground, stripes, a name, a picture, small print; the same several times over."""
    import cv2

    width = columns // repeats
    ground, ink, accent = random_color(rng, (0.1, 0.8), 0.85), random_color(rng, (0.4, 0.9), 0.25), random_color(rng)
    image = np.full((rows, width, 3), ground)
    for _ in range(int(rng.integers(1, 4))):
        start = int(rng.integers(0, max(rows - 8, 1)))
        image[start : start + int(rng.integers(2, max(rows // 8, 3)))] = random_color(rng)
    center = (int(width * rng.uniform(0.3, 0.7)), int(rows * rng.uniform(0.55, 0.75)))
    axes = (int(width * rng.uniform(0.12, 0.3)), int(rows * rng.uniform(0.1, 0.22)))
    cv2.ellipse(image, center, axes, float(rng.uniform(0, 180)), 0, 360, accent, -1, cv2.LINE_AA)
    cv2.ellipse(image, center, (axes[0] // 2, axes[1] // 2), 0.0, 0, 360, random_color(rng), -1, cv2.LINE_AA)
    name = "".join(rng.choice(_SYLLABLES, size=int(rng.integers(2, 4))))
    (length, _), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
    scale = min(0.8 * width / length, rows / 60)
    thickness = max(1, round(2 * scale))
    place = (int((width - scale * length) / 2), int(rows * 0.32))
    cv2.putText(image, name, place, cv2.FONT_HERSHEY_DUPLEX, scale, ink, thickness, cv2.LINE_AA)
    for row in range(int(rows * 0.84), int(rows * 0.96), max(4, rows // 40)):
        end = int(width * rng.uniform(0.5, 0.92))
        image[row : row + max(1, rows // 120), int(width * 0.08) : end] = ink
    return np.clip(np.tile(image, (1, repeats, 1)), 0.01, 0.95)


def carton(rng: np.random.Generator, rows: int = 256) -> Image:
    """Return the print of a carton: six panels, fronts alike, sides alike, ends plain."""
    front, side = label(rng, rows, 128), label(rng, rows, 128)
    side[: rows // 8] = front[0, 0]
    end = np.broadcast_to(plain(rng, _color(front[rows // 2, 2]), rows)[:, :128], front.shape)
    return np.concatenate([side, side, front, front, end, end], 1)


def _color(texel: Float[np.ndarray, "3"]) -> Color:
    red, green, blue = texel.tolist()
    return red, green, blue


def planks(rng: np.random.Generator, rows: int = 768, columns: int = 1024, count: int = 6) -> Image:
    """Return boards of wood: one tone a board, grain as waves bent by noise."""
    tone = np.array([0.42, 0.27, 0.14]) * rng.uniform(0.5, 1.35) * (1 + 0.12 * rng.standard_normal(3))
    height = rows // count + 1
    boards = []
    for _ in range(count):
        bend = noise(rng, height, columns, 8.0, 90.0)
        grain = np.sin(2 * np.pi * (np.arange(height)[:, None] / rng.uniform(14, 40) + 0.8 * bend + rng.random()))
        fibre = noise(rng, height, columns, 0.8, 24.0)
        shade = 1 + 0.1 * grain + 0.09 * fibre + rng.uniform(-0.15, 0.15)
        shade[0] *= 0.55
        boards.append(shade)
    return np.clip(np.concatenate(boards)[:rows, :, None] * tone, 0.02, 0.9)


def speckled(
    rng: np.random.Generator, color: Color, rows: int = 512, columns: int = 512, contrast: float = 0.1
) -> Image:
    """Return a ground with noise of several sizes: laminate, stone, plaster, cloth."""
    grain = sum(weight * noise(rng, rows, columns, size) for size, weight in ((1.0, 1.0), (4.0, 0.7), (40.0, 0.8)))
    return np.clip(np.asarray(color) * (1 + contrast * np.asarray(grain)[..., None]), 0.02, 0.92)


def noise(
    rng: np.random.Generator, rows: int, columns: int, size: float, along: float | None = None
) -> Float[np.ndarray, "rows columns"]:
    """Return smooth noise of mean 0 and deviation 1 that goes on where it ends, as what repeats must.

    Args:
        rng: Chance.
        rows: Of the image.
        columns: Of the image.
        size: Standard deviation of what smooths it [texels].
        along: The same along rows, if that is another.
    """
    import cv2

    wide = along or size
    # What is smooth is made coarse and enlarged: wide blurs take long.
    down, across = max(1, int(size / 4)), max(1, int(wide / 4))
    raw = rng.standard_normal((-(-rows // down), -(-columns // across)), dtype=np.float32)
    beyond = [1 + int(4 * size / down), 1 + int(4 * wide / across)]
    turned = np.pad(raw, [(beyond[0], beyond[0]), (beyond[1], beyond[1])], mode="wrap")
    blurred = cv2.GaussianBlur(turned, (0, 0), wide / across, sigmaY=size / down)
    near = blurred[beyond[0] - 1 : len(blurred) - beyond[0] + 1, beyond[1] - 1 : blurred.shape[1] - beyond[1] + 1]
    fine = cv2.resize(near, (near.shape[1] * across, near.shape[0] * down), interpolation=cv2.INTER_LINEAR)
    smooth = fine[down : down + rows, across : across + columns].astype(np.float64)
    return (smooth - smooth.mean()) / max(float(smooth.std()), 1e-9)


def _wide(image: Image, columns: int = 768) -> Image:
    return np.tile(image, (1, columns // image.shape[1], 1))
