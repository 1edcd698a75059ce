"""Mitsuba 3 as a renderer of dig_framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.errors import ComponentError
from dig_framework.interfaces import Renderer
from dig_framework.light import AmbientLight
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_mitsuba.variant import Variant, chosen, llvm_flaw, mitsuba_library, mitsuba_variant

if TYPE_CHECKING:
    from dig_mitsuba.drawing import Brush
    from dig_mitsuba.path import Paths
    from dig_mitsuba.seen import Seen


class _Claim:
    """Images with right gradients: for the class with its default settings, for an instance with its own."""

    def __init__(self, usual: frozenset[str], with_shadows: frozenset[str]) -> None:
        self._usual, self._with_shadows = usual, with_shadows

    def __get__(self, instance: MitsubaRenderer | None, owner: type) -> frozenset[str]:
        if instance is None:
            return self._usual
        if instance.integrator == "path" or instance.variant_name().startswith("scalar"):
            return frozenset()
        return self._with_shadows if instance.shadows else self._usual


class _Repeats:
    """Whether the same call gives the same bits: compiled programs may round otherwise while others are loaded."""

    def __get__(self, instance: MitsubaRenderer | None, owner: type) -> bool:
        return instance is not None and instance.variant_name().startswith("scalar")


class MitsubaRenderer(Renderer):
    """Trace rays with Mitsuba 3: exact visibility, independent gradients, and on request shadows and bouncing light.

    With the integrator `direct` surfaces are lit by the formulas of the renderer `raster` at what Mitsuba's rays meet.
    Silhouettes have gradients by its projective sampling, which needs the variant `llvm`. With `shadows` colour has
    gradients inside surfaces only, and none of where shadows end. The integrator `path` follows light from surface to
    surface, whose materials conserve energy, and has no gradients.
    """

    differentiable: ClassVar[frozenset[str]] = cast(
        "frozenset[str]", _Claim(frozenset({"color", "depth", "masks"}), frozenset({"depth", "masks"}))
    )
    interior: ClassVar[frozenset[str]] = cast("frozenset[str]", _Claim(frozenset(), frozenset({"color"})))

    deterministic: ClassVar[bool] = cast("bool", _Repeats())

    integrator: Literal["direct", "path"] = Field(
        default="direct",
        description="'direct' for the formulas of `raster`, 'path' for light that bounces",
    )
    reflectance: Literal["phong", "lambert", "microfacet"] = Field(
        default="phong",
        description="How materials reflect light: `lambert` has no highlight, `microfacet` a rough coat",
    )
    variant: Variant = Field(
        default="auto",
        description="'llvm' compiles, 'scalar' needs nothing and has no gradients, 'auto' takes what works",
    )
    samples: int = Field(default=16, ge=1, le=4096, description="Rays a pixel")
    coverage_samples: int = Field(
        default=0, ge=0, le=4096,
        description="Rays a pixel for depth, masks and background of 'path'; 0 takes as many as `samples`",
    )  # fmt: skip
    silhouette_samples: int = Field(
        default=4, ge=1, le=4096, description="Points of silhouettes that gradients come from, for every pixel"
    )
    bounces: int = Field(default=4, ge=1, le=64, description="Surfaces that light meets at most; of 'path'")
    shadows: bool = Field(default=False, description="Whether surfaces keep light from others; 'path' always has them")
    light_radius: float = Field(default=0.0, ge=0, description="Of point lights, which softens shadows [m]")
    seed: int = Field(default=0, ge=0, lt=2**24, description="Of points on lights and silhouettes, and of paths")
    background: tuple[float, float, float] = Field(
        default=(1.0, 1.0, 1.0), description="Linear RGB where nothing is hit, or a plane without material"
    )
    near: float = Field(default=0.001, gt=0, description="Nearest depth that is drawn [m]")

    def variant_name(self) -> str:
        """Return Mitsuba's own name of the variant that is taken on this machine.

        Raises:
            ComponentError: If an LLVM that was asked for does not work.
        """
        return mitsuba_variant(self.variant)

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the pose.

        Raises:
            ComponentError: If Mitsuba or an LLVM that was asked for is missing, or the path tracer cannot show the
                scene; and on the way back, if there are no gradients.
            InputError: If a vertex is not finite.
        """
        from dig_mitsuba.drawing import center_seen, drawn, tracer_of
        from dig_mitsuba.path import path_traced, unlit
        from dig_mitsuba.surfaces import surfaces_of

        mi, variant = mitsuba_library(), self.variant_name()
        if self.integrator == "path":
            self._check_paths(scene)
        surfaces, dtype = surfaces_of(scene, camera), _dtype(scene, camera)
        brush = self._brush(variant)
        with chosen(mi, variant):
            tracer = tracer_of(mi, surfaces.detached(), brush)
            if self.integrator == "direct":
                color, depth, masks = drawn(mi, tracer, surfaces, brush)
            else:
                color, depth, masks = drawn(mi, tracer, unlit(surfaces), brush)
                color = color + path_traced(mi, surfaces.detached(), self._paths())
            center = center_seen(tracer, surfaces)
        return Render(color.to(dtype), depth.to(dtype), masks.to(dtype), center.owner, _normals(center, camera, dtype))

    def _check_paths(self, scene: Scene) -> None:
        """Raise ComponentError if the scene has what the path tracer would not show."""
        if any(isinstance(light, AmbientLight) for light in scene.lights):
            raise ComponentError(
                "integrator 'path' of renderer 'mitsuba' knows lights that are points or directions, but the scene has "
                "an AmbientLight; leave it out, since the ambient share of materials is light from everywhere already."
            )
        for item in scene.objects:
            if item.mesh.texture is not None and item.mesh.colors is not None:
                raise ComponentError(
                    "integrator 'path' of renderer 'mitsuba' shows a texture or vertex colours, but object "
                    f"{item.index} ({item.label!r}) has both; leave one out, or set integrator to 'direct'."
                )

    def _refusal(self, variant: str) -> str:
        """Return why images have no gradients; empty if they have."""
        if self.integrator == "direct" and not variant.startswith("scalar"):
            return ""
        if self.integrator == "path":
            return "integrator 'path' of renderer 'mitsuba' has no gradients; set integrator to 'direct'."
        flaw = llvm_flaw() if self.variant == "auto" else ""
        reason = f", taken because LLVM does not work ({flaw})," if flaw else ""
        return (
            f"variant 'scalar'{reason} of renderer 'mitsuba' has no gradients; set variant to 'llvm', for which Debian "
            "has apt-get install libllvm19."
        )

    def _brush(self, variant: str) -> Brush:
        from dig_mitsuba.drawing import Brush

        return Brush(
            variant=variant, samples=self._coverage(), silhouette_samples=self.silhouette_samples,
            shadows=self.shadows and self.integrator == "direct", light_radius=self.light_radius, seed=self.seed,
            reflectance=self.reflectance, background=self.background, near=self.near, refusal=self._refusal(variant),
        )  # fmt: skip

    def _coverage(self) -> int:
        """Return how many rays a pixel the direct images are averages of."""
        return self.coverage_samples or self.samples if self.integrator == "path" else self.samples

    def _paths(self) -> Paths:
        from dig_mitsuba.path import Paths

        return Paths(self.reflectance, self.bounces, self.samples, self.light_radius, self.seed, self.near)


def _normals(seen: Seen, camera: Camera, dtype: torch.dtype) -> Tensor:
    """Return unit normals in the scene's frame, zero where nothing is met."""
    rotation = camera.camera_from_scene[:3, :3].detach().double()
    return (torch.nn.functional.normalize(seen.normals, dim=-1) @ rotation).to(dtype)


def _dtype(scene: Scene, camera: Camera) -> torch.dtype:
    if scene.objects:
        return scene.objects[0].mesh.vertices.dtype
    return scene.plane.normal.dtype if scene.plane else camera.intrinsics.dtype
