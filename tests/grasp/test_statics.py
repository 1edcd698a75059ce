import math

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError
from dig_framework.grasp import ParallelJaw
from dig_framework.statics.body import Body, bodies_of, body_of, flaw_of
from dig_framework.statics.box_collision import faces_near_box, triangles_meet_box
from dig_framework.statics.pad_contact import close_pads
from dig_framework.statics.rays import ray_hits
from dig_framework.statics.rest import pivot_of, toppled
from dig_framework.statics.slide import fall_time, slide_offset
from dig_framework.statics.wrench import closure_margin, contact_wrenches, friction_cone, load_factor
from dig_framework.testing.solids import box_mesh, sphere_mesh
from dig_framework.testing.tabletop import scene_from_table, table_object, table_scene, top_grasp, translation

UP, DOWN = np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, -9.81])


def box(x, y, z, place=None, **known):
    mesh = box_mesh(x, y, z, dtype=torch.float64)
    return table_object(0, mesh, translation(0.0, 0.0, z / 2) if place is None else place, **known)


class TestBody:
    def test_box_has_analytic_mass_properties(self):
        body = body_of(box(0.1, 0.2, 0.3), density=500.0, friction=0.4)
        assert body.mass == pytest.approx(500 * 0.006)
        turn = scene_from_table()[:3, :3].numpy()
        analytic = body.mass / 12 * np.diag([0.2**2 + 0.3**2, 0.1**2 + 0.3**2, 0.1**2 + 0.2**2])
        np.testing.assert_allclose(body.inertia, turn @ analytic @ turn.T, atol=1e-6 * body.mass)
        middle = turn @ [0, 0, 0.15] + scene_from_table()[:3, 3].numpy()
        np.testing.assert_allclose(body.center, middle, atol=1e-7)

    def test_own_mass_and_friction_win(self):
        body = body_of(box(0.1, 0.1, 0.1, mass=2.0, friction=0.9), density=500.0, friction=0.4)
        assert (body.mass, body.friction) == (2.0, 0.9)

    def test_scale_counts(self):
        item = box(0.1, 0.1, 0.1).replace(scale=torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
        assert body_of(item, 1000.0, 0.5).mass == pytest.approx(6.0, rel=1e-6)

    def test_open_mesh_counts_as_its_hull(self):
        item = box(0.1, 0.1, 0.1)
        opened = item.replace(mesh=item.mesh.replace(faces=item.mesh.faces[:-2]))
        assert not opened.mesh.is_closed()
        assert body_of(opened, 1000.0, 0.5).mass == pytest.approx(1.0, rel=1e-6)

    def test_split_seams_are_welded(self):
        item = box(0.1, 0.1, 0.1)
        soup = item.mesh.replace(
            vertices=item.mesh.vertices[item.mesh.faces].reshape(-1, 3), faces=torch.arange(36).reshape(-1, 3)
        )
        body = body_of(item.replace(mesh=soup), 1000.0, 0.5)
        assert len(body.vertices) == 8
        assert body.mass == pytest.approx(1.0, rel=1e-6)

    def test_flaws(self):
        item = box(0.1, 0.1, 0.1)
        nan = item.mesh.vertices.clone()
        nan[0] = math.nan
        cases = {
            "empty mesh": item.replace(mesh=item.mesh.replace(faces=item.mesh.faces[:0])),
            "invalid mesh": item.replace(mesh=item.mesh.replace(vertices=nan)),
            "invalid mass": item.replace(mass=math.nan),
            "invalid friction": item.replace(friction=-1.0),
        }
        assert {flaw_of(flawed) for flawed in cases.values()} == set(cases)
        flat = item.replace(mesh=item.mesh.replace(vertices=item.mesh.vertices * torch.tensor([1.0, 1.0, 0.0])))
        assert flaw_of(flat) == "invalid mesh"
        assert flaw_of(item) is None
        assert bodies_of(table_scene(*cases.values()), 1.0, 1.0) == {}
        with pytest.raises(InputError, match=r"object 0 .* is no rigid body: invalid mass"):
            body_of(cases["invalid mass"], 1.0, 1.0)


class TestBoxCollision:
    CENTER, HALF = np.array([0.3, -0.2, 0.1]), np.array([0.2, 0.1, 0.05])

    def test_agrees_with_clipping(self):
        """Clip each triangle by the six sides (Sutherland and Hodgman); what is left is what they share."""
        triangles = self.CENTER + np.random.default_rng(0).normal(size=(400, 3, 3)) * 0.25
        expected = [self.clipped(triangle) for triangle in triangles]
        found = triangles_meet_box(triangles, self.CENTER, self.HALF)
        assert 50 < sum(expected) < 350
        np.testing.assert_array_equal(found, expected)

    def clipped(self, polygon):
        polygon = list(polygon)
        for axis in range(3):
            for sign in (-1, 1):
                limit, kept = self.HALF[axis] + sign * self.CENTER[axis], []
                for start, end in zip(polygon, polygon[1:] + polygon[:1], strict=True):
                    a, b = sign * start[axis] - limit, sign * end[axis] - limit
                    if a <= 0:
                        kept.append(start)
                    if a * b < 0:
                        kept.append(start + a / (a - b) * (end - start))
                polygon = kept
        return len(polygon) > 0

    def test_outcodes_keep_everything_that_meets(self):
        triangles = self.CENTER + np.random.default_rng(1).normal(size=(400, 3, 3)) * 0.4
        vertices, faces = triangles.reshape(-1, 3), np.arange(1200).reshape(-1, 3)
        near = {tuple(face) for face in faces_near_box(vertices, faces, self.CENTER, self.HALF)}
        meets = triangles_meet_box(triangles, self.CENTER, self.HALF)
        assert {tuple(face) for face in faces[meets]} <= near
        assert len(near) < 400

    def test_triangle_around_box_and_inside_box(self):
        around = self.CENTER + np.array([[-9.0, -9.0, 0.0], [9.0, -9.0, 0.0], [0.0, 9.0, 0.0]])
        inside = self.CENTER + 0.01 * np.eye(3)
        assert triangles_meet_box(np.stack([around, inside]), self.CENTER, self.HALF).all()


def test_lines_cross_a_ball_at_analytic_distances():
    mesh = sphere_mesh(0.05, 5, torch.float64)
    triangles = mesh.vertices[mesh.faces].numpy()
    origins = np.array([[0.03, 0.0, -1.0], [0.0, 0.01, 0.2], [0.2, 0.2, 0.2]])
    directions = np.tile([0.0, 0.0, 2.0], (3, 1))
    rays, _, distances = ray_hits(origins, directions, triangles)
    assert set(rays) == {0, 1}
    for ray, expected in ((0, [0.48, 0.52]), (1, [-0.1 - math.sqrt(24e-4) / 2, -0.1 + math.sqrt(24e-4) / 2])):
        np.testing.assert_allclose(np.unique(distances[rays == ray].round(4)), expected, atol=2e-4)


class TestPads:
    def test_touch_both_faces_of_a_box(self):
        body = body_of(box(0.04, 0.06, 0.05), 500.0, 0.5)
        pose = top_grasp(0, 0.003, 0.0, 0.03, 0.08).scene_from_hand.numpy()
        left, right = close_pads(body, pose, ParallelJaw(), 0.08)
        np.testing.assert_allclose(right.points[:, 0], 0.017, atol=1e-9)
        np.testing.assert_allclose(left.points[:, 0], -0.023, atol=1e-9)
        np.testing.assert_allclose(left.normals, np.tile([1.0, 0, 0], (len(left.normals), 1)), atol=1e-9)
        np.testing.assert_allclose(np.ptp(left.points[:, 1]), ParallelJaw().finger_width, atol=1e-9)

    def test_find_a_pea_between_the_grid(self):
        pea = table_object(0, sphere_mesh(0.001, 2, torch.float64), translation(0.0, 0.0042, 0.0311))
        pose = top_grasp(0, 0.0, 0.0, 0.03, 0.08).scene_from_hand.numpy()
        contact = close_pads(body_of(pea, 500.0, 0.5), pose, ParallelJaw(), 0.08)
        assert contact is not None
        np.testing.assert_allclose([contact[0].position, contact[1].position], [-1e-3, 1e-3], atol=1e-4)

    def test_close_on_nothing_beside(self):
        body = body_of(box(0.04, 0.06, 0.05), 500.0, 0.5)
        assert close_pads(body, top_grasp(0, 0.1, 0.0, 0.03, 0.08).scene_from_hand.numpy(), ParallelJaw(), 0.08) is None


class TestWrenches:
    def test_cone_has_the_friction_angle(self):
        edges = friction_cone(np.array([0.0, 0.6, 0.8]), 0.5)
        along = edges @ [0.0, 0.6, 0.8]
        np.testing.assert_allclose(along, 1.0)
        np.testing.assert_allclose(np.linalg.norm(edges, axis=1), math.sqrt(1.25))
        np.testing.assert_allclose(edges.sum(0), [0, 8 * 0.6, 8 * 0.8], atol=1e-12)

    @staticmethod
    def pads(friction, half=0.02, size=0.01):
        corners = np.array([[0, y, z] for y in (-size, size) for z in (-size, size)])
        sides = []
        for sign in (-1.0, 1.0):
            points, normals = corners + np.array([sign * half, 0, 0]), np.tile([-sign, 0.0, 0.0], (4, 1))
            sides.append(contact_wrenches(points, normals, friction, np.zeros(3)).reshape(-1, 6))
        return sides

    def test_two_pads_bear_two_mu_force(self):
        left, right = self.pads(0.5)
        load = np.array([0, 0, -1.0, 0, 0, 0])
        assert load_factor(left, right, load, 30.0) == pytest.approx(2 * 0.5 * 30, rel=1e-6)

    def test_load_off_centre_is_borne_by_turning_friction(self):
        left, right = self.pads(0.5)
        off = np.array([0, 0, -1.0, 0, 0.05, 0])
        assert 0 < load_factor(left, right, off, 30.0) < 0.9 * 30

    def test_nothing_is_borne_without_friction(self):
        left, right = self.pads(0.0)
        assert load_factor(left, right, np.array([0, 0, -1.0, 0, 0, 0]), 30.0) == pytest.approx(0.0, abs=1e-9)
        assert closure_margin(np.concatenate([left, right]), 0.03) == 0.0

    def test_closure_grows_with_friction(self):
        margins = [closure_margin(np.concatenate(self.pads(mu)), 0.03) for mu in (0.2, 0.4, 0.8)]
        assert 0 < margins[0] < margins[1] < margins[2] <= 1

    def test_closure_of_six_axes_is_analytic(self):
        """The hull of the twelve unit wrenches is a cross polytope; its faces are 1 / sqrt(6) from the middle."""
        assert closure_margin(np.concatenate([np.eye(6), -np.eye(6)]), 1.0) == pytest.approx(1 / math.sqrt(6))

    def test_one_sided_contact_does_not_close(self):
        assert closure_margin(self.pads(0.5)[0], 0.03) == 0.0


class TestRest:
    BOX = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (0.0, 4.0)])

    def test_stands_or_tips_at_the_edge_of_support(self):
        assert pivot_of(self.BOX, np.array([0.999, 0, 2.0]), UP, DOWN) is None
        pivot, axis = pivot_of(self.BOX, np.array([1.1, 0.2, 2.0]), UP, DOWN)
        assert pivot[0] == 1.0
        np.testing.assert_allclose(axis, [0, 1, 0], atol=1e-12)

    @pytest.mark.parametrize(("slope", "stands"), [(0.9, True), (1.1, False)])
    def test_tower_on_a_slope_tips_at_its_analytic_angle(self, slope, stands):
        tilt = math.atan(slope * 1.0 / 2.0)
        gravity = 9.81 * np.array([math.sin(tilt), 0, -math.cos(tilt)])
        assert (pivot_of(self.BOX, np.array([0, 0, 2.0]), UP, gravity) is None) == stands

    def test_leaning_box_falls_onto_its_face(self):
        lean = 0.3
        turn = np.array([[math.cos(lean), 0, math.sin(lean)], [0, 1, 0], [-math.sin(lean), 0, math.cos(lean)]])
        leaning = self.BOX @ turn.T
        leaning[:, 2] -= leaning[:, 2].min()
        center = turn @ [0, 0, 2.0] + leaning[0] - turn @ self.BOX[0]
        motion = toppled(leaning, center, UP, DOWN)
        moved = leaning @ motion[:3, :3].T + motion[:3, 3]
        assert moved[:, 2].min() == pytest.approx(0.0, abs=1e-9)
        assert (np.abs(moved[:, 2]) < 1e-9).sum() == 4
        # atan(1 / 2) = 0.46 rad of lean is where it would fall the other way.
        assert moved[:, 2].max() == pytest.approx(4.0)

    def test_box_beyond_its_balance_falls_over(self):
        lean = 0.6
        turn = np.array([[math.cos(lean), 0, math.sin(lean)], [0, 1, 0], [-math.sin(lean), 0, math.cos(lean)]])
        leaning = self.BOX @ turn.T
        motion = toppled(
            leaning - [0, 0, leaning[:, 2].min()], turn @ [0, 0, 2.0] - [0, 0, leaning[:, 2].min()], UP, DOWN
        )
        moved = (leaning - [0, 0, leaning[:, 2].min()]) @ motion[:3, :3].T + motion[:3, 3]
        assert np.ptp(moved[:, 2]) == pytest.approx(2.0)

    def test_motion_is_rigid_and_ball_on_slope_is_stopped(self):
        points = sphere_mesh(0.05, 2, torch.float64).vertices.numpy() + np.array([0, 0, 0.05])
        gravity = 9.81 * np.array([math.sin(0.4), 0, -math.cos(0.4)])
        motion = toppled(points - [0, 0, points[:, 2].min()], np.array([0, 0, 0.05]), UP, gravity)
        np.testing.assert_allclose(motion[:3, :3] @ motion[:3, :3].T, np.eye(3), atol=1e-9)
        assert 0.2 < motion[0, 3] + (motion[:3, :3] @ [0, 0, 0.05])[0] < 0.5


class TestSlide:
    def test_fall_time(self):
        assert fall_time(9.81 / 2, 9.81) == pytest.approx(1.0)
        assert fall_time(1.0, 0.0) == math.inf

    @pytest.mark.parametrize(("slope", "moves"), [(0.49, False), (0.51, True)])
    def test_starts_at_the_friction_angle(self, slope, moves):
        theta = math.atan(slope)
        gravity = 9.81 * np.array([math.sin(theta), 0, -math.cos(theta)])
        offset = slide_offset(np.zeros(3), gravity, UP, 0.5, 1.0)
        expected = 0.5 * 9.81 * (math.sin(theta) - 0.5 * math.cos(theta)) if moves else 0.0
        np.testing.assert_allclose(offset, [expected, 0, 0], atol=1e-9)

    def test_slows_down_and_stops(self):
        offset = slide_offset(np.array([2.0, 0, 0]), DOWN, UP, 0.5, 10.0)
        np.testing.assert_allclose(offset, [2.0**2 / (2 * 0.5 * 9.81), 0, 0])

    def test_without_friction_keeps_its_speed(self):
        np.testing.assert_allclose(slide_offset(np.array([2.0, 0, 0]), DOWN, UP, 0.0, 3.0), [6.0, 0, 0])


def test_body_is_a_record_of_arrays():
    assert isinstance(body_of(box(0.1, 0.1, 0.1), 1.0, 0.5), Body)
