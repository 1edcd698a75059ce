"""The terms of a fit: what a scene is compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from jaxtyping import Float
from torch import Tensor

from dig_framework import losses
from dig_framework.fitting.reference import Reference
from dig_framework.fitting.settings import ObjectiveSettings
from dig_framework.fitting.target import Target
from dig_framework.interfaces.renderer import Renderer
from dig_framework.light import AmbientLight
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.render import Render
from dig_framework.scene import Scene


class Comparison:
    """A scene and what it is compared with; images and meshes are made when a term first needs them."""

    def __init__(
        self, scene: Scene, renderer: Renderer, target: Target, reference: Reference, settings: ObjectiveSettings
    ) -> None:
        self.scene, self.renderer, self.target = scene, renderer, target
        self.reference, self.settings = reference, settings

    @cached_property
    def render(self) -> Render:
        """The drawn images."""
        return self.renderer.render(self.scene, self.target.camera)

    @cached_property
    def meshes(self) -> list[Mesh]:
        """The posed meshes."""
        return [item.posed() for item in self.scene.objects]

    @cached_property
    def zero(self) -> Tensor:
        """The term of a scene in which there is nothing to compare."""
        return self.target.depth.new_zeros(())

    def each(self, term: Callable[[int], Tensor]) -> Tensor:
        """Return a term's sum over all objects."""
        return sum((term(number) for number in range(len(self.scene.objects))), self.zero)

    def area(self, weights: Float[Tensor, "height width"]) -> Float[Tensor, ""]:
        """Return what an object's image terms are divided by [px]."""
        if self.settings.normalisation == "image":
            return weights.new_tensor(weights.numel())
        return weights.sum().clamp_min(1.0)


def _color(comparison: Comparison) -> Tensor:
    difference = (comparison.render.color - comparison.target.color).abs().mean(-1)

    def one(number: int) -> Tensor:
        seen = comparison.target.masks[number] * comparison.render.masks[number].detach()
        return losses.averaged(difference, seen, comparison.area(comparison.target.masks[number]))

    return comparison.each(one)


def _background_color(comparison: Comparison) -> Tensor:
    difference = (comparison.render.color - comparison.target.color).abs().mean(-1)
    seen = comparison.target.background * (comparison.render.ids == -1)
    return losses.averaged(difference, seen, comparison.area(comparison.target.background))


def _depth(comparison: Comparison) -> Tensor:
    """Compare depth where the object is drawn over its whole pixel; where it is missing, the robust loss is one."""
    render, target, settings = comparison.render, comparison.target, comparison.settings
    residual = render.depth - target.depth

    def one(number: int) -> Tensor:
        surface, drawn = target.surface[number], _whole(render, number)
        if settings.depth == "absolute":
            return losses.averaged(residual.abs(), surface, comparison.area(surface))
        loss = losses.robust(residual / target.sigma, settings.robust_scale)
        return losses.averaged(loss * drawn + 1 - drawn, surface, comparison.area(surface))

    return comparison.each(one)


def _mask(comparison: Comparison) -> Tensor:
    render, target = comparison.render, comparison.target

    def one(number: int) -> Tensor:
        differing = losses.coverage(render.masks[number], target.masks[number], target.counted[number])
        return differing.sum() / comparison.area(target.masks[number])

    return comparison.each(one)


def _free_space(comparison: Comparison) -> Tensor:
    render, target, settings = comparison.render, comparison.target, comparison.settings
    ahead = losses.in_front(render.depth, target.depth, settings.free_margin * target.sigma)
    loss = losses.robust(ahead / target.sigma, 3 * settings.robust_scale)

    def one(number: int) -> Tensor:
        drawn = target.free[number] * _whole(render, number)
        return losses.averaged(loss, drawn, comparison.area(target.masks[number]))

    return comparison.each(one)


def _smooth_depth(comparison: Comparison) -> Tensor:
    return losses.smooth_depth(comparison.render.depth, comparison.target.depth)


def _contact(comparison: Comparison) -> Tensor:
    plane, resting = comparison.scene.plane, comparison.reference.resting
    if plane is None:
        return comparison.zero
    scale = comparison.settings.contact_scale
    return comparison.each(
        lambda number: losses.rest(plane.height(comparison.meshes[number].vertices), resting[number], scale)
    )


def _penetration(comparison: Comparison) -> Tensor:
    meshes, scale = comparison.meshes, comparison.settings.contact_scale
    pairs = [(a, b) for b in range(len(meshes)) for a in range(b)]
    return sum((losses.penetration(meshes[a], meshes[b], scale) for a, b in pairs), comparison.zero)


def _anchor(comparison: Comparison) -> Tensor:
    start, hidden = comparison.reference.meshes, comparison.reference.hidden
    scale = comparison.settings.anchor_scale
    return comparison.each(
        lambda number: losses.displacement(
            comparison.meshes[number].vertices, start[number].vertices, hidden[number], scale
        )
    )


def _laplacian(comparison: Comparison) -> Tensor:
    """Take vertices in units of the start's radius, as published for a template of radius one."""
    reference = comparison.reference

    def one(number: int) -> Tensor:
        vertices = comparison.scene.objects[number].mesh.vertices
        return losses.edge_energy(vertices / reference.radii[number], reference.edges[number])

    return comparison.each(one)


def _bending(comparison: Comparison) -> Tensor:
    """Do the same for displacements, so that the start costs nothing."""
    reference = comparison.reference

    def one(number: int) -> Tensor:
        moved = comparison.scene.objects[number].mesh.vertices - reference.scene.objects[number].mesh.vertices
        return losses.edge_energy(moved / reference.radii[number], reference.edges[number])

    return comparison.each(one)


def _volume(comparison: Comparison) -> Tensor:
    start = comparison.reference.meshes
    return comparison.each(lambda number: losses.volume_change(comparison.meshes[number], start[number]))


def _barrier(comparison: Comparison) -> Tensor:
    sharpness = comparison.settings.barrier_sharpness
    bounded = _bounded(comparison.scene)
    return sum((losses.barrier(value, low, high, sharpness) for value, low, high in bounded), comparison.zero)


def _bounds(comparison: Comparison) -> Tensor:
    return sum((losses.outside(value, low, high) for value, low, high in _bounded(comparison.scene)), comparison.zero)


def _whole(render: Render, number: int) -> Float[Tensor, "height width"]:
    """Return one where an object covers the whole pixel, so that the depth is its own."""
    return (render.masks[number].detach() > 0.9999).to(render.depth)


def _bounded(scene: Scene) -> Iterator[tuple[Tensor, float, float]]:
    """Yield what has a range, and its ends: materials as published, scales, and intensities."""
    for item in scene.objects:
        yield item.scale, 0.2, 5.0
        yield from _material(item.material)
    for light in scene.lights:
        if not isinstance(light, AmbientLight):
            yield light.intensity, 0.0, 20.0
    if scene.plane is not None and scene.plane.material is not None:
        yield from _material(scene.plane.material)


def _material(material: Material) -> Iterator[tuple[Tensor, float, float]]:
    for value in (material.color, material.ambient, material.diffuse, material.specular):
        yield value, 0.0, 1.0
    yield material.shininess, 0.0, 200.0


TERMS: dict[str, Callable[[Comparison], Tensor]] = {
    "anchor": _anchor,
    "barrier": _barrier,
    "bending": _bending,
    "bounds": _bounds,
    "contact": _contact,
    "depth": _depth,
    "free_space": _free_space,
    "laplacian": _laplacian,
    "mask": _mask,
    "penetration": _penetration,
    "rgb": _color,
    "rgb_background": _background_color,
    "smooth_depth": _smooth_depth,
    "volume": _volume,
}
"""Every term by the name that schedules use."""
