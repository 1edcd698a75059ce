"""Materials, planes, lights and failures as JSON values, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import torch
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
        InputError: If a number is absent or not finite.
    """
    values = mapping_of(value, source, ("color", *_SCALARS))
    scalars = [torch.tensor(number_of(values, name, source)) for name in _SCALARS]
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
    material = material_from_json(values["material"], f"{source} material") if values.get("material") else None
    return Plane(normal, torch.tensor(number_of(values, "offset", source)), material)


def light_to_json(light: LightSource) -> dict[str, Any]:
    """Return the fields of a light by name, which tell of what kind it is."""
    return {name: value.tolist() for name, value in light.tensors().items()}


def light_from_json(value: Any, source: str) -> LightSource:
    """Return a light of the kind that its fields tell.

    Raises:
        InputError: If they fit none, or a number is absent or not finite.
    """
    values = mapping_of(value, source, ("position", "direction", "intensity", "coefficients"))
    if "coefficients" in values:
        return AmbientLight(torch.tensor(numbers_of(values, "coefficients", source, 27)).view(9, 3))
    if "direction" in values:
        direction = vector_of(values, "direction", source)
        if not bool(direction.any()):
            raise InputError(f"{source}: direction is [0, 0, 0]; it must point towards the light.")
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


def vector_of(values: dict[str, Any], key: str, source: str) -> Tensor:
    """Return three finite numbers as float32.

    Raises:
        InputError: If they are absent, not three or not finite.
    """
    vector = torch.tensor(numbers_of(values, key, source, 3))
    if not bool(vector.isfinite().all()):
        raise InputError(f"{source}: {key} is {vector.tolist()}; give three finite numbers.")
    return vector
