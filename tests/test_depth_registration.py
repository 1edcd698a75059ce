"""Registration of a depth camera, against surfaces whose depth is known in both cameras."""

import math

import torch

from dig_framework.camera import Camera
from dig_framework.depth_registration import registered_depth

DEPTH_CAMERA = Camera.from_focal(100.0, 100.0, 59.5, 44.5, 120, 90, dtype=torch.float64)
COLOR_CAMERA = Camera.from_focal(170.0, 168.0, 83.0, 61.0, 170, 120, dtype=torch.float64)


def turned(angle, translation):
    s, c = math.sin(angle), math.cos(angle)
    matrix = torch.eye(4, dtype=torch.float64)
    matrix[:3, :3] = torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]], dtype=torch.float64)
    matrix[:3, 3] = torch.tensor(translation, dtype=torch.float64)
    return matrix


COLOR_FROM_DEPTH = turned(0.05, [0.03, -0.01, 0.005])


def plane_depth(camera, normal, offset):
    """Depth of the plane normal . x = offset in the camera's own frame."""
    return offset / (camera.rays() @ normal)


def in_color_frame(normal, offset):
    there = COLOR_FROM_DEPTH[:3, :3] @ normal
    return there, offset + float(there @ COLOR_FROM_DEPTH[:3, 3])


def test_identity_changes_nothing():
    depth = plane_depth(DEPTH_CAMERA, torch.tensor([0.1, 0.5, 0.85], dtype=torch.float64), 0.6)
    result = registered_depth(depth, DEPTH_CAMERA, DEPTH_CAMERA, torch.eye(4, dtype=torch.float64))
    assert float((result - depth).abs().max()) < 1e-9


def test_slanted_plane_is_exact_and_without_holes():
    normal = torch.nn.functional.normalize(torch.tensor([0.15, -0.5, 0.8], dtype=torch.float64), dim=0)
    depth = plane_depth(DEPTH_CAMERA, normal, 0.6)
    result = registered_depth(depth, DEPTH_CAMERA, COLOR_CAMERA, COLOR_FROM_DEPTH)
    truth = plane_depth(COLOR_CAMERA, *in_color_frame(normal, 0.6))
    # Only what the depth camera saw, a pixel within its border, can be known.
    seen = COLOR_CAMERA.unproject(truth) - COLOR_FROM_DEPTH[:3, 3]
    pixels, _ = DEPTH_CAMERA.project(seen @ COLOR_FROM_DEPTH[:3, :3])
    inside = ((pixels > 1) & (pixels < torch.tensor([118.0, 88.0]))).all(-1)
    assert bool((result[inside] > 0).all())
    # Depth is interpolated linearly although it is its inverse that is linear in pixels: 0.1 mm at this slant.
    assert float((result - truth)[inside].abs().max()) < 1e-4


def two_planes():
    """A near square before a far wall, both facing the depth camera."""
    depth = torch.full((90, 120), 1.0, dtype=torch.float64)
    depth[30:60, 45:75] = 0.5
    return depth


def test_near_hides_far_and_what_was_hidden_stays_unknown():
    shift = torch.eye(4, dtype=torch.float64)
    shift[0, 3] = 0.05
    result = registered_depth(two_planes(), DEPTH_CAMERA, DEPTH_CAMERA, shift)
    # 100 px * 0.05 m / z: the square moves by 10 px, the wall by 5, and 5 px of wall were never seen.
    assert torch.equal(result[31:59, 56:84], torch.full((28, 28), 0.5, dtype=torch.float64))
    assert bool((result[31:59, 51:54] == 0).all())
    assert torch.equal(result[31:59, 20:49], torch.ones(28, 29, dtype=torch.float64))
    assert torch.equal(result[31:59, 86:110], torch.ones(28, 24, dtype=torch.float64))


def test_silhouette_keeps_its_size():
    """Magnified 1.7 times, the square covers what it should within a row of pixels on each side."""
    result = registered_depth(two_planes(), DEPTH_CAMERA, COLOR_CAMERA, torch.eye(4, dtype=torch.float64))
    columns = ((result > 0.4) & (result < 0.6)).sum(1).max()
    rows = ((result > 0.4) & (result < 0.6)).sum(0).max()
    assert abs(int(columns) - 1.70 * 30) <= 1.5
    assert abs(int(rows) - 1.68 * 30) <= 1.5
    assert bool(((result == 0.5) | (result == 1.0) | (result == 0)).all())


def test_points_behind_the_colour_camera_are_left_out():
    behind = torch.eye(4, dtype=torch.float64)
    behind[2, 3] = -2.0
    assert not bool(registered_depth(two_planes(), DEPTH_CAMERA, COLOR_CAMERA, behind).any())


def test_nothing_measured_gives_nothing():
    empty = torch.zeros(90, 120)
    assert not bool(registered_depth(empty, DEPTH_CAMERA, COLOR_CAMERA, torch.eye(4)).any())
