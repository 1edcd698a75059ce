"""Materials, planes, lights and failures as JSON values, and back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.json_fields import integer_of, list_of, mapping_of, number_of, numbers_of, text_of
from dig_framework.light import AmbientLight, DirectionalLight, Light, LightSource
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.scene import Failure

_SCALARS = ("ambient", "diffuse", "specular", "shininess")


def material_to_json(material: Material) -> dict[str, Any]:
    """Return the seven numbers by name."""
    return {name: value.tolist() for name, value in material.tensors().items()}


def material_from_json(value: Any, source: str) -> Material:
    """Return a material.

    Raises:
        InputError: If a number is absent or not finite, or the shininess is negative.
    """
    values = mapping_of(value, source, ("color", *_SCALARS))
    scalars = [scalar_of(values, name, source, 0.0 if name == "shininess" else None) for name in _SCALARS]
    return Material(vector_of(values, "color", source), *scalars)


def plane_to_json(plane: Plane | None) -> dict[str, Any] | None:
    """Return normal and offset [m], and the material if the plane has one."""
    if plane is None:
        return None
    material = {} if plane.material is None else {"material": material_to_json(plane.material)}
    return {"normal": plane.normal.tolist(), "offset": plane.offset.tolist(), **material}


def plane_from_json(value: Any, source: str) -> Plane | None:
    """Return a plane, or None for null.

    Raises:
        InputError: If its normal is no unit vector or a number is absent.
    """
    if value is None:
        return None
    values = mapping_of(value, source, ("normal", "offset", "material"))
    normal = vector_of(values, "normal", source)
    if not abs(float(normal.norm()) - 1) < 1e-3:
        raise InputError(f"{source}: normal has length {float(normal.norm()):g}; it must be a unit vector.")
    offset, material = scalar_of(values, "offset", source), values.get("material")
    return Plane(normal, offset, None if material is None else material_from_json(material, f"{source} material"))


def light_to_json(light: LightSource) -> dict[str, Any]:
    """Return the fields of a light by name, which tell of what kind it is."""
    return {name: value.tolist() for name, value in light.tensors().items()}


def light_from_json(value: Any, source: str) -> LightSource:
    """Return a light of the kind that its fields tell.

    Raises:
        InputError: If they fit none or several, or a number is absent or not finite.
    """
    values = mapping_of(value, source, ("position", "direction", "intensity", "coefficients"))
    told = [name for name in ("position", "direction", "coefficients") if name in values]
    if len(told) != 1 or (told == ["coefficients"] and "intensity" in values):
        raise InputError(
            f"{source}: holds {', '.join(values) or 'nothing'}; a light has either position and intensity, or "
            "direction and intensity, or coefficients alone."
        )
    if told == ["coefficients"]:
        return AmbientLight(_finite_of(values, "coefficients", source, 27).view(9, 3))
    if told == ["direction"]:
        direction = vector_of(values, "direction", source)
        if not 0 < float(direction.norm()) < math.inf:
            shown = ", ".join(f"{part:g}" for part in direction.tolist())
            raise InputError(f"{source}: direction is [{shown}]; it must point towards the light.")
        return DirectionalLight(direction, vector_of(values, "intensity", source))
    return Light(vector_of(values, "position", source), vector_of(values, "intensity", source))


def failures_to_json(failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """Return label, index, stage and reason of each."""
    return [dataclasses.asdict(failure) for failure in failures]


def failures_from_json(value: Any, source: str) -> tuple[Failure, ...]:
    """Return failures.

    Raises:
        InputError: If a field is absent or of another kind.
    """
    result = []
    for position, item in enumerate(list_of(value, source)):
        place = f"{source} {position}"
        values = mapping_of(item, place, ("label", "index", "stage", "reason"))
        texts = [text_of(values, key, place) for key in ("label", "stage", "reason")]
        result.append(Failure(texts[0], integer_of(values, "index", place), texts[1], texts[2]))
    return tuple(result)


def vector_of(values: dict[str, Any], key: str, source: str) -> Float[Tensor, "3"]:
    """Return three numbers that are finite in float32.

    Raises:
        InputError: If they are absent, not three or not finite.
    """
    return _finite_of(values, key, source, 3)


def scalar_of(values: dict[str, Any], key: str, source: str, least: float | None = None) -> Float[Tensor, ""]:
    """Return a number that is finite in float32, with `least` one that is not below it.

    Raises:
        InputError: If it is absent or something else.
    """
    number = torch.tensor(number_of(values, key, source, least), dtype=torch.float32)
    if not bool(number.isfinite()):
        raise InputError(f"{source}: {key} is {values[key]!r}; give a number that float32 can hold.")
    return number


def _finite_of(values: dict[str, Any], key: str, source: str, count: int) -> Float[Tensor, " count"]:
    numbers = torch.tensor(numbers_of(values, key, source, count), dtype=torch.float32)
    if not bool(numbers.isfinite().all()):
        shown = ", ".join(f"{number:g}" for number in numbers.tolist())
        raise InputError(f"{source}: {key} is [{shown}]; give {count} numbers that are finite in float32.")
    return numbers
