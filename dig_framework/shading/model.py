"""What turns points of surfaces and lights into radiance."""

from __future__ import annotations

import importlib
from typing import Literal, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor

from dig_framework.shading.light_table import LightTable
from dig_framework.shading.surface_points import SurfacePoints

ShadingName = Literal["phong", "lambert", "microfacet"]
"""Models by name."""

_HOMES = {"phong": "phong", "lambert": "lambert", "microfacet": "microfacet"}


@runtime_checkable
class ShadingModel(Protocol):
    """Reads the seven numbers of a material in its own way."""

    def __call__(
        self,
        surface: SurfacePoints,
        lights: LightTable,
        arriving: Float[Tensor, "lights *batch"] | None = None,
    ) -> Float[Tensor, "*batch 3"]:
        """Return linear RGB radiance towards the camera; differentiable in everything.

        Args:
            surface: What is lit.
            lights: In the same frame.
            arriving: Share of each light that is not kept from each point by something else; all of it by default.
        """
        ...


def shading_model(name: ShadingName) -> ShadingModel:
    """Return a model by its name."""
    return getattr(importlib.import_module(f"dig_framework.shading.{_HOMES[name]}"), f"{name}_radiance")
