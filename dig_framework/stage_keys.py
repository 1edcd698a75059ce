"""The key of a stage's result: a hash of everything that it may depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from dig_framework.component import Component
from dig_framework.observation import Observation
from dig_framework.products import PRODUCTS
from dig_framework.sources import code_identity
from dig_framework.stage import Stage


def stage_key(stage: Stage, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the key of a stage's result.

    Args:
        stage: What is run.
        settings: The settings it is given, by argument.
        inputs: Digests of the data it is given, by argument.
    """
    used = [item for value in settings.values() for item in _components(value)]
    components = tuple(dict.fromkeys(type(item) for item in used))
    files = [path for item in used for path in item.external_files()]
    parts = {
        "stage": stage.name,
        "settings": to_jsonable_python(dict(settings)),
        "inputs": dict(inputs),
        **({"files": [_file_digest(path) for path in files]} if files else {}),
        "code": code_identity((stage.function.partition(":")[0], PRODUCTS[stage.gives].module), components),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def observation_digest(observation: Observation) -> str:
    """Return a hash of every pixel, the camera and the boxes of an observation."""
    digest = hashlib.sha256()
    for name, tensor in observation.tensors().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    size = (observation.camera.width, observation.camera.height)
    boxes = [(box.label, [float(edge) for edge in box.xyxy]) for box in observation.boxes]
    digest.update(json.dumps([size, boxes]).encode())
    return digest.hexdigest()[:32]


def folder_digest(folder: Path, ignore: frozenset[str] = frozenset()) -> str:
    """Return a hash of the names and contents of all files below a folder, except some at its top."""
    digest = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in ignore:
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def _components(value: object) -> Iterator[Component]:
    """Yield a component and those among its settings, so that a wrapper's key knows what it wraps."""
    if isinstance(value, Component):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _components(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _components(item)
    elif isinstance(value, Mapping):
        yield from _components(tuple(value.values()))
