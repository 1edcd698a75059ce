import itertools
import math

import numpy as np
import pytest
import torch

from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.completion.bottom import down_to_floor, turned_over
from dig_framework.completion.convex_distance import hull_planes, inside_planes
from dig_framework.completion.extraction import closed_mesh
from dig_framework.completion.frame import upright_frame
from dig_framework.completion.free_space import contradictions, free_space
from dig_framework.completion.isometry import mirrors, moved, turns, upright_normals
from dig_framework.completion.local_fit import fit_inverse_depth
from dig_framework.completion.mirror_search import Credit, MirrorSearch
from dig_framework.completion.sight import sight
from dig_framework.completion.solid import Grid
from dig_framework.completion.window import window
from dig_framework.errors import InputError
from dig_framework.nearest import nearest_known
from dig_framework.testing.evidence_scenes import Solid, evidence_scene


def _space(solid, **options):
    scene = evidence_scene(solid, **options)
    seen = sight(scene.evidence, 1, 4)
    return scene, seen, free_space(seen.view, seen.surface, seen.frame, 0.003)


def test_local_fit_is_exact_on_a_plane_in_perspective():
    v, u = np.mgrid[:30, :40]
    depth = 1 / (1.5 + 0.004 * u - 0.003 * v)
    smooth, support, slope_u, slope_v = fit_inverse_depth(depth, np.ones(depth.shape, bool), 4, 0.05)
    inner = (slice(4, -4), slice(4, -4))
    assert np.abs(smooth - depth)[inner].max() < 1e-6
    assert support[inner].min() == 1
    # The slopes are drawn towards zero by a weak prior, which weighs half a pixel.
    assert slope_u[inner] == pytest.approx(0.004, rel=0.01)
    assert slope_v[inner] == pytest.approx(-0.003, rel=0.01)


def test_mirrors_and_turns_are_isometries_that_keep_their_plane_and_axis():
    points = np.random.default_rng(0).normal(size=(50, 3))
    normal, offset = upright_normals(np.array([0.7])), np.array([0.2])
    mirror = mirrors(normal, offset)[0]
    twice = moved(mirror, moved(mirror, points))
    assert twice == pytest.approx(points)
    assert moved(mirror, points) @ normal[0] - 0.2 == pytest.approx(-(points @ normal[0] - 0.2))
    turn = turns(np.array([[0.1, -0.2]]), np.array([2 * math.pi / 3]))[0, 0]
    assert moved(turn, np.array([[0.1, -0.2, 5.0]])) == pytest.approx(np.array([[0.1, -0.2, 5.0]]))
    assert moved(turn, moved(turn, moved(turn, points))) == pytest.approx(points)


def test_distance_inside_a_cube():
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    planes = hull_planes(corners)
    assert len(planes) == 6
    samples = np.random.default_rng(1).uniform(-1.3, 1.3, (200, 3))
    assert inside_planes(samples, planes, 5.0) == pytest.approx(1 - np.abs(samples).max(1), abs=1e-6)
    assert np.abs(inside_planes(samples, planes, 0.2)).max() == pytest.approx(0.2)


def test_flat_points_have_a_thin_hull():
    points = np.random.default_rng(2).uniform(-1, 1, (200, 3)) * [1, 1, 0]
    inside = inside_planes(np.array([[0, 0, 0], [0, 0, 0.002], [1.1, 0, 0.0]]), hull_planes(points), 1.0)
    assert inside[0] == pytest.approx(0.001)
    assert inside[1] == pytest.approx(-0.001)
    assert inside[2] < -0.05


def _ball(radius, centre=(0.0, 0.0, 0.0), size=40):
    axis = np.linspace(-1, 1, size)
    samples = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    return radius - np.linalg.norm(samples - np.array(centre), axis=-1), (samples[0, 0, 0], 2 / (size - 1))


@pytest.mark.parametrize("triangles", [600, 4000])
def test_mesh_of_a_ball(triangles):
    field, grid = _ball(0.7)
    vertices, faces = closed_mesh(Grid(field.astype(np.float32), *grid), triangles)
    assert 0.5 * triangles < len(faces) < 2 * triangles
    assert np.abs(np.linalg.norm(vertices, axis=1) - 0.7).max() < 0.03
    a, b, c = vertices[faces].transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    longest = np.stack([b - a, c - b, a - c]) ** 2
    quality = 4 * math.sqrt(3) * area / longest.sum(-1).sum(0)
    # An equilateral triangle has quality 1; marching cubes alone leaves slivers near 0.
    assert np.quantile(quality, 0.01) > 0.4
    assert (np.cross(b - a, c - a) * (a + b + c)).sum(1).min() > 0


def test_only_the_largest_piece_is_kept_and_cavities_are_filled():
    large, grid = _ball(0.5, (-0.3, 0, 0))
    small, _ = _ball(0.15, (0.7, 0, 0))
    hole, _ = _ball(0.2, (-0.3, 0, 0))
    field = np.minimum(np.maximum(large, small), -hole).astype(np.float32)
    vertices, faces = closed_mesh(Grid(field, *grid), 3000)
    assert len(vertices) - len(faces) / 2 == 2
    assert vertices[:, 0].max() < 0.3


def test_an_empty_field_is_refused():
    with pytest.raises(InputError, match="leave no volume"):
        closed_mesh(Grid(np.full((10, 10, 10), -1, np.float32), np.zeros(3), 1.0), 1000)


def test_the_window_reaches_beyond_the_border():
    scene = evidence_scene(Solid("box", (0.06, 0.08, 0.12)))
    camera = scene.evidence.observation.camera
    left = 85
    observation = scene.evidence.observation.replace(
        depth=scene.evidence.observation.depth[:, left:],
        color=scene.evidence.observation.color[:, left:],
        masks=None,
        camera=camera.cropped(left, 0, 200 - left, 200),
    )
    cut = scene.evidence.replace(
        observation=observation, mask=scene.evidence.mask[:, left:], occluder=scene.evidence.occluder[:, left:]
    )
    part = window(cut)
    assert part.occluder[:, 0].all()
    assert not part.occluder[part.mask].any()
    whole = window(scene.evidence)
    point = np.array([0.01, 0.02, 0.5])
    for view, first in ((part, left), (whole, 0)):
        u = point[0] / point[2] * view.focal[0] + view.centre[0]
        assert view.rays()[0, round(u)][0] == pytest.approx(0.02, abs=0.002), first


def test_the_frame_is_upright_and_rolls_with_the_camera():
    solid = Solid("box", (0.06, 0.08, 0.12))
    still, rolled = evidence_scene(solid), evidence_scene(solid, roll=1.0)
    frames = [upright_frame(s.evidence.plane, s.evidence.points.double().numpy()) for s in (still, rolled)]
    for scene, frame in zip((still, rolled), frames, strict=True):
        assert frame.rotation.T @ frame.rotation == pytest.approx(np.eye(3), abs=1e-6)
        assert np.linalg.det(frame.rotation) == pytest.approx(1)
        assert frame.rotation[:, 2] == pytest.approx(scene.evidence.plane.normal.numpy(), abs=1e-6)
    points = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)).double() * 0.05
    local = []
    for scene, frame in zip((still, rolled), frames, strict=True):
        pose = scene.scene_from_object
        local.append(frame.from_scene((points @ pose[:3, :3].T + pose[:3, 3]).numpy()))
    assert local[0] == pytest.approx(local[1], abs=0.002)


def test_true_points_contradict_nothing_and_false_ones_do():
    solid = Solid("cylinder", (0.08, 0.08, 0.1))
    scene, seen, space = _space(solid)
    turn = np.linspace(0, 2 * np.pi, 60)
    rim = np.stack([0.039 * np.cos(turn), 0.039 * np.sin(turn), np.linspace(-0.045, 0.045, 60)], 1)
    pose = scene.scene_from_object.numpy()
    inside = seen.frame.from_scene(rim @ pose[:3, :3].T + pose[:3, 3])
    assert contradictions(space, inside).max() <= 0.003
    below = inside + np.array([0, 0, -0.12])
    assert contradictions(space, below).min() > 0.02
    seen_points = scene.evidence.points.double().numpy()
    nearer = seen.frame.from_scene(0.9 * seen_points)
    assert np.median(contradictions(space, nearer)) > 0.015


def test_a_coarse_mesh_keeps_the_edges_and_corners_of_a_finer_grid():
    axis = np.linspace(-1, 1, 60)
    samples = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    half = np.array([0.7, 0.5, 0.6])
    field = (half - np.abs(samples)).min(-1).astype(np.float32)
    vertices, faces = closed_mesh(Grid(field, np.full(3, -1.0), 2 / 59), 1000)
    assert len(faces) < 1500
    corners = half * np.array(list(itertools.product((-1, 1), repeat=3)))
    away = np.linalg.norm(corners[:, None] - vertices, axis=-1).min(1)
    # An edge of the mesh is about 0.1; meshed as it is, its corners are 0.11 to 0.15 off and 5 % of the volume is lost.
    assert away.max() < 0.1
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    volume = (a * np.cross(b, c)).sum() / 6
    assert volume == pytest.approx(8 * half.prod(), rel=0.015)


def test_depth_beside_trusted_pixels_is_that_of_the_plane_there():
    solid = Solid("box", (0.3, 0.3, 0.1))
    scene, seen, space = _space(solid, yaw=0.4)
    depth = scene.evidence.observation.depth.numpy()
    view = seen.view
    # The window's focal length and centre tell where it lies in the image.
    left = round(float(scene.evidence.observation.camera.intrinsics[0, 2]) - view.centre[0])
    top = round(float(scene.evidence.observation.camera.intrinsics[1, 2]) - view.centre[1])
    near = (space.gap > 0) & (space.gap <= 2) & view.mask
    rows, columns = np.nonzero(near)
    error = np.abs(space.surface[rows, columns] - depth[rows + top, columns + left])
    nearest = nearest_known(seen.surface.trusted)[1]
    carried = np.abs(seen.surface.depth[nearest][rows, columns] - depth[rows + top, columns + left])
    # Some of these pixels lie beyond an edge of the box, where nobody can know.
    assert len(error) > 100
    assert np.median(error) < 0.0005
    assert np.median(carried) > 3 * np.median(error)


def test_the_mirror_planes_of_a_box_are_found():
    _, seen, space = _space(Solid("box", (0.06, 0.1, 0.12)), yaw=0.5)
    best = MirrorSearch(space, seen.surface.points[::20], Credit(0.4, 0.1, 2.0)).best(2)
    for plane in best:
        # The camera's x axis is the frame's, so the box's normals are at yaw and a right angle from it.
        error = (plane.yaw - 0.5 + math.pi / 4) % (math.pi / 2) - math.pi / 4
        assert abs(error) < 0.1
        assert plane.violation < 0.05


def test_a_box_is_closed_towards_the_table_by_its_upside_down():
    _, seen, space = _space(Solid("box", (0.06, 0.1, 0.12)))
    reflection = turned_over(space, seen.surface.points, 0.08)
    assert reflection is not None
    assert moved(reflection, seen.surface.points)[:, 2].min() == pytest.approx(0, abs=0.004)


def test_a_chopped_box_is_not_the_same_upside_down():
    _, seen, space = _space(Solid("chopped box", (0.1, 0.1, 0.1)), yaw=-2.2)
    assert turned_over(space, seen.surface.points, 0.08) is None


def test_a_table_far_below_leaves_overhangs_where_the_image_shows_through():
    scene, seen, space = _space(Solid("ellipsoid", (0.08, 0.08, 0.08)))
    lowered = space._replace(floor=-0.1)
    closed = down_to_floor(lowered, seen.surface.points, 0.25)
    added = closed[len(seen.surface.points) :]
    assert len(added) < 0.2 * len(seen.surface.points)
    assert scene.evidence.plane is not None


def test_completion_of_a_hidden_half_is_no_smaller_than_what_is_seen():
    solid = Solid("box", (0.12, 0.06, 0.1))
    volumes = []
    for hidden in (0.0, 0.3):
        scene = evidence_scene(solid, yaw=0.2, hidden=hidden)
        shape = SymmetricCompletion()
        volumes.append(float(shape.mesh(shape.initialize(scene.evidence, 0)[0].parameters).volume()))
    assert volumes[0] == pytest.approx(solid.volume(), rel=0.1)
    assert 0.65 * solid.volume() < volumes[1] < 1.35 * solid.volume()
