"""Images by primitives: the same inside surfaces as those by kernels, with the plane to the horizon."""

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.pose import Pose
from dig_framework.rendering.primitive_images import clip_positions
from dig_framework.testing.scenes import box_on_table, single_sphere, two_spheres
from dig_framework.testing.solids import sphere_mesh


@pytest.mark.parametrize("reflectance", ["phong", "lambert", "microfacet"])
@pytest.mark.parametrize("make", [two_spheres, box_on_table, single_sphere])
def test_inside_surfaces_the_images_are_those_of_the_kernels(make, reflectance):
    truth = make(65)
    walked, near = (
        RasterRenderer(silhouettes=kind, reflectance=reflectance).render(truth.scene, truth.camera)
        for kind in ("walked", "neighbours")
    )
    # A pixel that an edge crosses at its very centre may belong to either side.
    assert float((walked.ids != near.ids).float().mean()) < 2e-3
    inside = torch.nn.functional.max_pool2d(-walked.masks, 3, 1, 1).eq(-1).any(0) | (walked.masks.sum(0) == 0)
    inside &= walked.ids == near.ids
    assert inside.float().mean() > 0.8
    assert float((walked.color - near.color)[inside].abs().max()) < 2e-3
    assert float((walked.depth - near.depth)[inside].abs().max()) < 1e-4


def coarse_ball():
    """One ball of 80 triangles off the axis, for neighbours do not see the edges of fine meshes."""
    truth = single_sphere(97)
    item = truth.scene.objects[0]
    pose = Pose(item.pose.translation + torch.tensor([0.003, 0.005, 0.013]), torch.tensor([0.3, 0.5, 0.7]))
    item = item.replace(mesh=sphere_mesh(0.05, 1), pose=pose)
    return truth.scene.replace(objects=(item,)), truth.camera


def test_neighbours_soften_silhouettes_of_coarse_meshes():
    masks, exact = (RasterRenderer(silhouettes=kind).render(*coarse_ball()).masks for kind in ("neighbours", "walked"))
    crossed = (exact > 0.01) & (exact < 0.99)
    softened = ((masks > 0.01) & (masks < 0.99) & crossed).sum() / crossed.sum()
    assert softened > 0.3
    hard = RasterRenderer(silhouettes="hard").render(*coarse_ball()).masks
    assert (masks - exact).abs().sum() < 0.9 * (hard - exact).abs().sum()


def test_the_plane_reaches_to_the_horizon():
    truth = two_spheres(65)
    scene = truth.scene.replace(objects=())
    for pitch in (0.0, 0.7, 1.4):
        turn = torch.eye(4)
        cosine, sine = torch.tensor(pitch).cos(), torch.tensor(pitch).sin()
        turn[1:3, 1:3] = torch.stack([torch.stack([cosine, -sine]), torch.stack([sine, cosine])])
        camera = truth.camera.replace(camera_from_scene=turn)
        walked, near = (RasterRenderer(silhouettes=kind).render(scene, camera) for kind in ("walked", "neighbours"))
        assert float((walked.ids != near.ids).float().mean()) < 2e-3
        both = (walked.ids == near.ids) & (walked.ids == -1) & (walked.depth < 50)
        torch.testing.assert_close(walked.depth[both], near.depth[both], rtol=1e-4, atol=1e-5)


def test_pixel_centres_are_at_the_centres_of_clip_space_cells():
    """Pixel (u, v) of width w is at 2 (u + 1/2) / w - 1; the near plane at -1 and infinity at 1."""
    z = torch.tensor([0.5, 2.0, 1e9]).double()
    u, v = torch.tensor([0.0, 7.0, 3.5]).double(), torch.tensor([0.0, 3.0, 1.5]).double()
    clip = clip_positions(torch.stack([u * z, v * z, z, torch.ones(3)], 1), 8, 4, 0.5)
    ndc = clip[:, :3] / clip[:, 3:]
    torch.testing.assert_close(ndc[:, 0], 2 * (u + 0.5) / 8 - 1)
    torch.testing.assert_close(ndc[:, 1], 2 * (v + 0.5) / 4 - 1)
    torch.testing.assert_close(ndc[:, 2], torch.tensor([-1.0, 0.5, 1.0]).double(), rtol=0, atol=1e-8)


def test_an_object_can_be_fitted_through_neighbours():
    """Gradient steps on the mask bring a coarse ball back to where it was."""
    scene, camera = coarse_ball()
    renderer = RasterRenderer(silhouettes="neighbours")
    target = renderer.render(scene, camera).masks
    place = (scene.objects[0].pose.translation + torch.tensor([0.004, -0.003, 0.0])).requires_grad_()
    optimizer = torch.optim.Adam([place], 5e-4)
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        moved = scene.with_tensors({"objects.0.pose.translation": place})
        loss = (renderer.render(moved, camera).masks - target).square().sum()
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    assert min(losses) < 0.1 * losses[0]
