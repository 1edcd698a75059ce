"""What renderers that shade surfaces with this package's models have in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from dig_framework.interfaces.renderer import Renderer


class ShadedRenderer(Renderer):
    """A renderer of meshes and a plane, shaded by the models of `dig_framework.shading`."""

    shading: Literal["smooth", "flat"] = Field(default="smooth", description="Normals of vertices, or of faces")
    reflectance: Literal["phong", "lambert", "microfacet"] = Field(
        default="phong",
        description="How materials reflect light: `lambert` has no highlight, `microfacet` a rough coat",
    )
    background: tuple[float, float, float] = Field(
        default=(1.0, 1.0, 1.0), description="Linear RGB where nothing is hit, or a plane without material"
    )
    near: float = Field(default=0.001, gt=0, description="Nearest depth that is drawn [m]")


class LayeredRenderer(ShadedRenderer):
    """A renderer that asks a library which face each pixel's centre sees, and draws by `dig_framework.layering`."""

    differentiable: ClassVar[frozenset[str]] = frozenset({"color", "depth", "masks"})
    deterministic: ClassVar[bool] = False

    softness: float = Field(
        default=1.0, gt=0, le=16, description="Side of the square over which silhouettes are averaged [px]"
    )
