"""Finite differences of supersampled images, against which a renderer's gradients are held."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.interfaces.renderer import Renderer
from dig_framework.scene import Scene
from dig_framework.testing.scenes import two_spheres

STEPS = {
    "translation": 1e-3,
    "rotation": 2e-2,
    "scale": 2e-2,
    "vertices": 1e-3,
    "shininess": 1.0,
    "position": 2e-2,
}
"""Steps of finite differences in each field's unit; 0.02 for fields not named."""


@dataclasses.dataclass(frozen=True, eq=False)
class Direction:
    """A direction in which one tensor of a scene is changed."""

    name: str
    """Of the tensor, as in `Scene.tensors()`."""
    step: Tensor
    """Change of the tensor."""


@dataclasses.dataclass(frozen=True, eq=False)
class GradientProbe:
    """A lit scene with an occlusion, directions to change it, and smooth weights that make images into losses."""

    renderer: Renderer
    size: int = 36
    """Width and height of the image [px]."""
    samples: int = 4
    """Renderings of finite differences are this many times finer along either side."""

    @cached_property
    def scene(self) -> Scene:
        """Two ellipsoids, one of which hides part of the other, above a table; nothing touches."""
        scene = two_spheres(self.size, subdivisions=2).scene
        scales = ([1.2, 0.8, 1.0], [0.8, 1.1, 1.1])
        turns = ([0.2, 0.1, 0.5], [-0.3, 0.2, -0.4])
        return scene.with_tensors(
            {f"objects.{k}.scale": torch.tensor(value) for k, value in enumerate(scales)}
            | {f"objects.{k}.pose.rotation": torch.tensor(value) for k, value in enumerate(turns)}
        )

    @cached_property
    def camera(self) -> Camera:
        """Seen from the front, the objects fill most of the image."""
        return Camera.from_focal(
            3.0 * self.size, 2.8 * self.size, self.size / 2, self.size / 2 - 1, self.size, self.size
        )

    def directions(self) -> list[Direction]:
        """Return every axis of poses and scales, and one direction each of all other tensors."""
        generator, found = torch.Generator().manual_seed(0), []
        for name, value in self.scene.tensors().items():
            field = name.rsplit(".", 1)[-1]
            length = STEPS.get(field, 0.02)
            if not value.is_floating_point() or name in ("plane.normal", "plane.offset"):
                continue
            if field in ("translation", "rotation", "scale"):
                found += [Direction(name, length * axis) for axis in torch.eye(3)]
            elif field == "vertices":
                # Outward everywhere, but unevenly, so that little cancels.
                wave = 1.5 + torch.sin(40 * value[:, :1] - 30 * value[:, 1:2])
                found.append(Direction(name, length * wave * value / value.norm(dim=1, keepdim=True)))
            else:
                found.append(Direction(name, length * (0.5 + torch.rand(value.shape, generator=generator))))
        return found

    @cached_property
    def weights(self) -> dict[str, Tensor]:
        """Smooth random weights of the images, by name."""
        generator = torch.Generator().manual_seed(1)

        def smooth(channels: int) -> Float[Tensor, "channels height width"]:
            noise = torch.rand(1, channels, 6, 6, generator=generator)
            return torch.nn.functional.interpolate(noise, (self.size, self.size), mode="bicubic")[0].double()

        return {"color": smooth(3).movedim(0, -1), "depth": smooth(1)[0], "masks": smooth(2)}

    def loss(self, images: dict[str, Tensor], channel: str) -> Float[Tensor, ""]:
        """Return the weighted sum of one image."""
        return (self.weights[channel] * images[channel].double()).sum()

    def expected(self, channel: str) -> list[float]:
        """Return the change of the loss along each direction, by central differences of supersampled images."""
        return [float(self.loss(after, channel) - self.loss(before, channel)) / 2 for before, after in self._pairs]

    def measured(self, channel: str) -> list[float]:
        """Return the change of the loss along each direction that the renderer's gradient predicts."""
        leaves = {d.name: self.scene.tensors()[d.name].clone().requires_grad_() for d in self.directions()}
        images = self.renderer.render(self.scene.with_tensors(leaves), self.camera)
        loss = self.loss({channel: getattr(images, channel)}, channel)
        gradients = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
        by_name = dict(zip(leaves, gradients, strict=True))
        return [
            0.0 if (gradient := by_name[d.name]) is None else float((gradient.double() * d.step.double()).sum())
            for d in self.directions()
        ]

    @cached_property
    def _pairs(self) -> list[tuple[dict[str, Tensor], dict[str, Tensor]]]:
        tensors = self.scene.tensors()
        return [
            (self._fine({d.name: tensors[d.name] - d.step}), self._fine({d.name: tensors[d.name] + d.step}))
            for d in self.directions()
        ]

    def _fine(self, changes: dict[str, Tensor]) -> dict[str, Tensor]:
        with torch.no_grad():
            render = self.renderer.render(self.scene.with_tensors(changes), self.camera.scaled(float(self.samples)))
        color = averaged(render.color.movedim(-1, 0), self.samples).movedim(0, -1)
        return {
            "color": color,
            "depth": averaged(render.depth[None], self.samples)[0],
            "masks": averaged(render.masks, self.samples),
        }


def averaged(
    image: Float[Tensor, "channels height width"], samples: int
) -> Float[Tensor, "channels small_height small_width"]:
    """Return the mean of every block of samples x samples pixels."""
    return torch.nn.functional.avg_pool2d(image[None].double(), samples)[0]
