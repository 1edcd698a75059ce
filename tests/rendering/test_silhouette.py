import numba
import numpy as np
import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.material import Material
from dig_framework.pose import Pose
from dig_framework.rendering.silhouette import hidden_area
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.scenes import single_sphere, two_spheres
from dig_framework.testing.solids import box_mesh, sphere_mesh


@pytest.mark.parametrize(
    ("segment", "area"),
    [
        ((0.25, -0.5, 0.25, 0.5), 0.25),  # The strip beyond it.
        ((0.5, -0.5, 0.5, 0.5), 0.0),
        ((-0.5, 0.0, 0.5, 0.0), 0.5),  # Through the centre.
        ((0.1, 0.1, 0.4, 0.4), 0.0),  # Pointing at the centre.
    ],
)
def test_hidden_area_of_simple_segments(segment, area):
    assert hidden_area(*segment) == pytest.approx(area, abs=1e-12)


def test_hidden_area_against_counting():
    a, b = np.array([0.1, -0.3]), np.array([0.35, 0.4])
    ticks = (np.arange(1000) + 0.5) / 1000 - 0.5
    u, v = np.meshgrid(ticks, ticks)
    from_a, from_b = a[0] * v - a[1] * u, b[0] * v - b[1] * u
    beyond = (b[0] - a[0]) * (v - a[1]) - (b[1] - a[1]) * (u - a[0])
    share = ((from_a > 0) & (from_b < 0) & (beyond < 0)).mean()
    assert hidden_area(*a, *b) == pytest.approx(share, abs=2e-3)
    assert hidden_area(*b, *a) == pytest.approx(share, abs=2e-3)


@pytest.mark.parametrize("subdivisions", [2, 4, 6])
def test_silhouettes_are_soft_at_every_density(subdivisions):
    truth = single_sphere(64, subdivisions)
    hard = RasterRenderer(silhouettes="hard")
    fine = hard.render(truth.scene, truth.camera.scaled(8.0)).masks
    exact = torch.nn.functional.avg_pool2d(fine[None], 8)[0]
    mask = RasterRenderer().render(truth.scene, truth.camera).masks
    crossed = (exact > 0.02) & (exact < 0.98)
    softened = ((mask > 0) & (mask < 1))[crossed].float().mean()
    assert softened >= 0.95
    assert (mask - exact).abs()[crossed].mean() <= 0.03


def test_masks_where_an_outline_ends_behind_another():
    """Inside one pixel a box's edge disappears behind a ball: each has the share that samples of the pixel have."""
    zero, shapes = torch.zeros(3).double(), (box_mesh(0.1, 0.13, 0.08), sphere_mesh(0.07, 1))
    places = (torch.tensor([-0.03, 0.0, 0.6]), torch.tensor([0.06, 0.02, 0.5]))
    turned, matte = torch.tensor([0.3, -0.2, 0.5]).double(), Material.matte(torch.ones(3)).to(dtype=torch.float64)
    objects = tuple(
        SceneObject(str(index), index, shape.to(dtype=torch.float64), Pose(place.double(), turned), matte, zero + 1)
        for index, (shape, place) in enumerate(zip(shapes, places, strict=True))
    )
    for skew in (0.0, 2.0, 4.0, 6.0):
        matrix = torch.tensor([[70.0, skew, 31.63], [0.0, 71.4, 23.29], [0.0, 0.0, 1.0]]).double()
        camera = Camera(matrix, 64, 48)
        hard = RasterRenderer(silhouettes="hard").render(Scene(objects), camera.scaled(16.0)).masks
        exact = torch.nn.functional.avg_pool2d(hard[None], 16)[0]
        masks = RasterRenderer().render(Scene(objects), camera).masks
        assert float((masks - exact).abs().max()) < 0.025
        assert float(masks.sum(0).max()) < 1 + 1e-6


def test_one_and_two_threads_give_the_same_bits():
    truth, results, threads = two_spheres(48), [], numba.get_num_threads()
    for count in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(count)
        leaf = truth.scene.objects[1].pose.translation.clone().requires_grad_()
        scene = truth.scene.with_tensors({"objects.1.pose.translation": leaf})
        render = RasterRenderer().render(scene, truth.camera)
        total = render.color.sum() + render.depth.sum() + render.masks[1].sum()
        results.append((render.color.detach(), render.masks.detach(), *torch.autograd.grad(total, [leaf])))
    numba.set_num_threads(threads)
    assert all(torch.equal(one, two) for one, two in zip(*results, strict=True))
