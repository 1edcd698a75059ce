"""Many seeds out of a run's one."""

from __future__ import annotations

import hashlib
import json


def derived_seed(seed: int, *uses: str | int) -> int:
    """Return the seed of one use of chance: a hash, so that no two uses draw the same numbers.

    It depends on nothing but its arguments. What an object draws therefore stays the same when others come or go, and
    what a stage draws when another component does another stage.

    Args:
        seed: Of the run.
        uses: What it is for, from the whole to the part, such as `"initialize", "shape", 2` for the third box.

    Returns:
        A number from 0 to 2^31 - 1, which every generator takes.
    """
    text = json.dumps([seed, *uses]).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1
