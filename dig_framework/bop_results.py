"""Results files of the BOP challenge: `scene_id,im_id,obj_id,score,R,t,time`, one estimated pose a line."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import torch
from jaxtyping import Float64
from torch import Tensor

from dig_framework.atomic_files import read_bytes, write_atomic
from dig_framework.errors import InputError
from dig_framework.tensor_record import TensorRecord

_HEADER = "scene_id,im_id,obj_id,score,R,t,time"
_UNKNOWN = -1.0
_FARTHEST = 1e6
"""Distance beyond which a number is no translation of anything that a camera sees [m]."""


@dataclasses.dataclass(frozen=True, eq=False)
class BopEstimate(TensorRecord):
    """The estimated pose of one object in one image."""

    scene: int
    """Number of the scene."""
    image: int
    """Number of the image in its scene."""
    identity: int
    """Number of the object's model."""
    score: float
    """Confidence; larger is better."""
    camera_from_model: Float64[Tensor, "4 4"]
    """Where the model's frame is in the camera's [m]."""
    seconds: float | None = None
    """Time that the whole image took [s]; the same for all objects of an image, None if it was not measured."""


def write_bop_results(path: Path, estimates: Iterable[BopEstimate]) -> None:
    """Write estimates, translations in millimetres, such that `read_bop_results` gives back the same numbers.

    The challenge wants the file to be called `METHOD_DATASET-SPLIT.csv`, such as `ours_ycbv-test.csv`.

    Raises:
        InputError: If a pose is not rigid, a number not finite, or an image has two times.
    """
    listed = list(estimates)
    for line, item in enumerate(listed, 2):
        _check(item, f"{path}, line {line}")
    _check_times(listed, path)
    write_atomic(path, "\n".join([_HEADER, *map(_line, listed), ""]))


def read_bop_results(path: Path) -> tuple[BopEstimate, ...]:
    """Return the estimates in a results file, in its order; translations become metres.

    Raises:
        InputError: If the file is missing, or a line is not what it should be; names the line.
    """
    try:
        lines = read_bytes(path).decode().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text file; a BOP results file is text in UTF-8.") from error
    if not lines or lines[0].strip() != _HEADER:
        found = lines[0][:60] if lines else ""
        raise InputError(f"{path}: starts with {found!r}; the first line of a BOP results file is {_HEADER}.")
    numbered = [(number, line) for number, line in enumerate(lines[1:], 2) if line.strip()]
    estimates = [_estimate(line, f"{path}, line {number}") for number, line in numbered]
    _check_times(estimates, path)
    return tuple(estimates)


def _line(item: BopEstimate) -> str:
    pose = item.camera_from_model
    rotation = " ".join(repr(float(value)) for value in pose[:3, :3].flatten())
    # Shifting the decimal point keeps every digit, which multiplying by 1000 does not.
    shift = " ".join(format(Decimal(repr(float(value))).scaleb(3), "f") for value in pose[:3, 3])
    seconds = _UNKNOWN if item.seconds is None else item.seconds
    return f"{item.scene},{item.image},{item.identity},{item.score!r},{rotation},{shift},{seconds!r}"


def _estimate(line: str, source: str) -> BopEstimate:
    cells = line.split(",")
    if len(cells) != 7:
        raise InputError(f"{source}: has {len(cells)} cells; give the 7 of {_HEADER}.")
    names = ("scene_id", "im_id", "obj_id")
    scene, image, identity = (_integer(cell, f"{source}: {name}") for name, cell in zip(names, cells, strict=False))
    pose = torch.eye(4, dtype=torch.float64)
    pose[:3, :3] = _numbers(cells[4], 9, f"{source}: R", 0).reshape(3, 3)
    pose[:3, 3] = _numbers(cells[5], 3, f"{source}: t", -3)
    score, seconds = (float(_numbers(cells[place], 1, f"{source}: {name}", 0)) for place, name in _SCALARS)
    item = BopEstimate(scene, image, identity, score, pose, None if seconds == _UNKNOWN else seconds)
    _check(item, source)
    return item


_SCALARS = ((3, "score"), (6, "time"))


def _integer(cell: str, source: str) -> int:
    if not cell.strip().isdecimal() or len(cell.strip()) > 9:
        raise InputError(f"{source} is {cell[:20]!r}; give an integer from 0.")
    return int(cell)


def _numbers(cell: str, count: int, source: str, exponent: int) -> Tensor:
    words = cell.split()
    if len(words) != count:
        raise InputError(f"{source} has {len(words)} numbers; give {count}, separated by spaces.")
    try:
        return torch.tensor([float(Decimal(word).scaleb(exponent)) for word in words], dtype=torch.float64)
    except (ArithmeticError, ValueError) as error:
        raise InputError(f"{source} is {cell[:60]!r}; give numbers separated by spaces.") from error


def _check(item: BopEstimate, source: str) -> None:
    pose = item.camera_from_model
    if not bool(pose.isfinite().all()) or not math.isfinite(item.score):
        raise InputError(f"{source}: the pose or the score is not finite; leave the estimate out.")
    if float(pose[:3, 3].abs().max()) > _FARTHEST:
        away = float(pose[:3, 3].abs().max())
        raise InputError(f"{source}: t reaches {away:.3g} m; give millimetres in a file and metres in Python.")
    rotation = pose[:3, :3]
    off = float((rotation @ rotation.mT - torch.eye(3, dtype=torch.float64)).abs().max())
    if off > 1e-2 or float(torch.linalg.det(rotation)) < 0:
        raise InputError(f"{source}: R is no rotation, it is off by {off:.2g}; give nine numbers row by row.")
    if item.seconds is not None and not 0 <= item.seconds < math.inf:
        raise InputError(f"{source}: time is {item.seconds:g} s; give a time from 0, or -1 if it was not measured.")


def _check_times(estimates: Iterable[BopEstimate], path: Path) -> None:
    """Refuse an image with two times: the challenge counts the time of a whole image."""
    known: dict[tuple[int, int], float | None] = {}
    for item in estimates:
        first = known.setdefault((item.scene, item.image), item.seconds)
        if first != item.seconds:
            raise InputError(
                f"{path}: image {item.image} of scene {item.scene} took {first} and {item.seconds} s; give one time, "
                "that of the whole image, with each of its objects."
            )
