"""The pinhole camera: projection, its inverse, and changes of the pixel grid."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dig_framework.camera import Camera
from dig_framework.pose import Pose

CAMERA = Camera.from_focal(300.0, 310.0, 161.0, 118.0, 320, 240, dtype=torch.float64)


def moved_camera():
    pose = Pose(torch.tensor([0.1, -0.2, 0.05]), torch.tensor([0.2, -0.3, 0.1])).to(dtype=torch.float64)
    return CAMERA.replace(camera_from_scene=pose.matrix())


@settings(max_examples=50, deadline=None)
@given(x=st.floats(-1, 1), y=st.floats(-1, 1), z=st.floats(0.1, 5))
def test_projection_by_hand(x, y, z):
    pixel, depth = CAMERA.project(torch.tensor([x, y, z], dtype=torch.float64))
    assert float(pixel[0]) == pytest.approx(300 * x / z + 161, abs=1e-9)
    assert float(pixel[1]) == pytest.approx(310 * y / z + 118, abs=1e-9)
    assert float(depth) == z


@pytest.mark.parametrize("camera", [CAMERA, moved_camera()])
def test_unproject_is_the_inverse(camera):
    depth = 0.5 + torch.rand(240, 320, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    pixels, again = camera.project(camera.unproject(depth))
    v, u = torch.meshgrid(torch.arange(240.0), torch.arange(320.0), indexing="ij")
    assert torch.allclose(pixels, torch.stack([u, v], -1).double(), atol=1e-9)
    assert torch.allclose(again, depth, atol=1e-12)


def test_skew_is_inverted():
    intrinsics = CAMERA.intrinsics.clone()
    intrinsics[0, 1] = 12.0
    camera = CAMERA.replace(intrinsics=intrinsics)
    pixels, _ = camera.project(camera.unproject(torch.ones(240, 320, dtype=torch.float64)))
    assert torch.allclose(pixels[30, 40], torch.tensor([40.0, 30.0], dtype=torch.float64), atol=1e-9)


def test_points_without_depth_are_at_the_camera():
    camera = moved_camera()
    centre = -camera.camera_from_scene[:3, :3].T @ camera.camera_from_scene[:3, 3]
    assert torch.allclose(camera.unproject(torch.zeros(240, 320, dtype=torch.float64))[3, 4], centre, atol=1e-12)


@pytest.mark.parametrize("factor", [0.5, 0.25, 2.0])
def test_scaling_keeps_the_outer_border(factor):
    """The image's corners (half a pixel outside the outer pixel centres) see the same rays."""
    scaled = CAMERA.scaled(factor)
    assert (scaled.width, scaled.height) == (320 * factor, 240 * factor)
    corner = torch.tensor([[-0.5, -0.5, 1.0], [319.5, 239.5, 1.0]], dtype=torch.float64)
    points = corner @ torch.linalg.inv(CAMERA.intrinsics).T
    pixels, _ = scaled.project(points)
    expected = [[-0.5, -0.5], [320 * factor - 0.5, 240 * factor - 0.5]]
    assert torch.allclose(pixels, torch.tensor(expected, dtype=torch.float64), atol=1e-9)


def test_crop_shifts_pixels():
    points = CAMERA.unproject(torch.ones(240, 320, dtype=torch.float64))
    cropped = CAMERA.cropped(30, 20, 100, 80)
    pixels, _ = cropped.project(points[20:100, 30:130].reshape(-1, 3))
    assert torch.allclose(pixels[0], torch.zeros(2, dtype=torch.float64), atol=1e-9)
    assert torch.allclose(pixels[-1], torch.tensor([99.0, 79.0], dtype=torch.float64), atol=1e-9)
    assert torch.allclose(
        cropped.unproject(torch.ones(80, 100, dtype=torch.float64)), points[20:100, 30:130], atol=1e-12
    )


def test_projection_has_gradients():
    points = torch.tensor([[0.1, 0.2, 0.9], [-0.3, 0.1, 1.4]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(moved_camera().project, (points,))
