"""A damaged PNG is refused, whichever byte it is."""

import io
import random

import numpy as np
import pytest
from PIL import Image

from dig_framework.errors import InputError
from dig_framework.image_files import read_color, read_depth, read_levels
from dig_framework.png_chunks import png_damage

RNG = np.random.default_rng(0)
IMAGES = {
    "16-bit": (RNG.integers(500, 900, (24, 32)).astype(np.uint16), lambda path: read_depth(path, 1.0)),
    "8-bit grey": (RNG.integers(0, 256, (24, 32)).astype(np.uint8), read_levels),
    "8-bit RGB": (RNG.integers(0, 256, (24, 32, 3)).astype(np.uint8), read_color),
}


def png(values):
    content = io.BytesIO()
    Image.fromarray(values).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("kind", IMAGES)
def test_a_flipped_byte_is_refused_or_changes_nothing(tmp_path, kind):
    values, read = IMAGES[kind]
    data, path = png(values), tmp_path / "a.png"
    path.write_bytes(data)
    right = read(path)
    refused = 0
    # The first 41 bytes are the signature, the header chunk and the beginning of the pixels.
    for place in sorted({*range(41), *range(0, len(data), 37), *range(len(data) - 16, len(data))}):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            found = read(path)
        except InputError:
            refused += 1
        else:
            assert found.shape == right.shape
            assert bool((found == right).all()), f"byte {place}"
    assert refused > 57


def test_every_beginning_of_a_file_is_damaged():
    data = png(IMAGES["16-bit"][0])
    assert png_damage(data) is None
    assert png_damage(data + b"what some cameras append") is None
    for stop in range(8, len(data), 41):
        assert png_damage(data[:stop]) == "image file is truncated"


def test_other_files_are_left_to_others():
    assert png_damage(b"") is None
    assert png_damage(random.Random(0).randbytes(100)) is None
