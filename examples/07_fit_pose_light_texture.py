"""Fit a pose, a light and a texture at once.

A white ball hovers over a card with an unknown picture. Where the ball is, where the light is and what is on the card
are all found from one image: the ball's shading and its shadow on the card tell the light, outlines tell the ball, and
what is left is the picture. `raster` differentiates all of it, the shadow included.
"""

import torch

from dig_framework import Camera, Light, Material, Mesh, Pose, Scene, SceneObject
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.testing.solids import sphere_mesh

WHITE = Material.matte(torch.full((3,), 0.9))
UPRIGHT = torch.zeros(3)


def card(texture: torch.Tensor) -> Mesh:
    """Return a square of 0.3 m whose texture fills it."""
    uv = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    corners = torch.cat([0.3 * (uv - 0.5), torch.zeros(4, 1)], 1)
    return Mesh(corners, torch.tensor([[0, 2, 1], [0, 3, 2]]), uv=uv, texture=texture)


def checkers(size: int = 8) -> torch.Tensor:
    """Return a red and blue board with a green stripe."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    board = torch.where(((row // 2 + column // 2) % 2 == 0)[..., None], torch.tensor([0.8, 0.2, 0.1]), 0.4)
    board[:, size // 2] = torch.tensor([0.1, 0.6, 0.2])
    return board


camera = Camera.from_focal(150.0, 150.0, 47.5, 47.5, 96, 96)
picture = SceneObject("card", 0, card(checkers()), Pose(torch.tensor([0.0, 0.0, 0.60]), UPRIGHT), WHITE)
ball = SceneObject("ball", 1, sphere_mesh(0.04, 3), Pose(torch.tensor([0.03, -0.02, 0.52]), UPRIGHT), WHITE)
truth = Scene((picture, ball), (Light(torch.tensor([-0.3, -0.4, 0.0]), torch.ones(3)),))

renderer = RasterRenderer(shadows=True, background=(0.0, 0.0, 0.0))
target = renderer.render(truth, camera)

unknown = {
    "objects.1.pose.translation": torch.tensor([0.015, -0.005, 0.50]),
    "lights.0.position": torch.tensor([0.1, -0.1, 0.1]),
    "objects.0.mesh.texture": torch.full_like(checkers(), 0.5),
}
rates = {"objects.1.pose.translation": 1e-3, "lights.0.position": 1e-2, "objects.0.mesh.texture": 2e-2}
for value in unknown.values():
    value.requires_grad_()
optimizer = torch.optim.Adam([{"params": [value], "lr": rates[name]} for name, value in unknown.items()])
errors: dict[str, float] = {}
for step in range(161):
    image = renderer.render(truth.with_tensors(unknown), camera)
    loss = (image.color - target.color).square().mean() + 0.3 * (image.masks - target.masks).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    known = truth.tensors()
    errors = {name: float((value.detach() - known[name]).square().mean().sqrt()) for name, value in unknown.items()}
    if step % 40 == 0:
        where, light, texture = errors.values()
        print(f"step {step:3}: ball {1e3 * where:4.1f} mm, light {100 * light:4.1f} cm, texture {texture:.3f} off")

if errors["objects.1.pose.translation"] > 2e-3 or errors["objects.0.mesh.texture"] > 0.08:
    raise SystemExit(f"the scene was not found: {errors}")
