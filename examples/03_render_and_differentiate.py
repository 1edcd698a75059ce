"""Render a scene and follow its gradients back.

A renderer is a function from a scene of tensors to images, differentiable where it claims to be, silhouettes included.
Here a box has been moved, and gradient descent on mask and depth alone finds where it was. The tensors to move are
chosen by name; `with_tensors` puts others in their place.
"""

import torch

from dig_framework import Camera, Light, Material, Mesh, Pose, Scene, SceneObject
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.testing.solids import box_mesh

camera = Camera.from_focal(140.0, 140.0, 79.5, 59.5, 160, 120)
mesh: Mesh = box_mesh(0.10, 0.06, 0.08)
pose = Pose(torch.tensor([0.02, 0.01, 0.60]), torch.tensor([0.3, 0.5, 0.0]))
box = SceneObject("box", 0, mesh, pose, Material.matte(torch.tensor([0.8, 0.3, 0.2])))
truth = Scene((box,), (Light(torch.tensor([0.5, -1.0, 0.0]), torch.ones(3)),))

renderer = RasterRenderer()
target = renderer.render(truth, camera)

name = "objects.0.pose.translation"
translation = torch.tensor([-0.02, 0.04, 0.66], requires_grad=True)
error = 1e3 * float((translation.detach() - pose.translation).norm())
optimizer = torch.optim.Adam([translation], lr=4e-3)
for step in range(81):
    image = renderer.render(truth.with_tensors({name: translation}), camera)
    mask_loss = (image.masks - target.masks).square().mean()
    depth_loss = (image.depth - target.depth).abs().mean()
    optimizer.zero_grad()
    (mask_loss + depth_loss).backward()
    optimizer.step()
    error = 1e3 * float((translation.detach() - pose.translation).norm())
    if step % 20 == 0:
        print(f"step {step:3}: mask {mask_loss.item():.5f}, depth {depth_loss.item():.5f}, off by {error:.1f} mm")

if error > 3:
    raise SystemExit(f"the box was not found: off by {error:.1f} mm")
