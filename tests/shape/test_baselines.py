"""Baselines against the suite of shapes."""

import torch

from dig_framework.builtin.shape_alpha import AlphaShape
from dig_framework.builtin.shape_box import Box
from dig_framework.builtin.shape_ellipsoid_start import EllipsoidStart
from dig_framework.builtin.shape_hull import DroppedHull
from dig_framework.builtin.shape_superquadric import Superquadric
from dig_framework.testing.evidence_scenes import evidence_scene
from dig_framework.testing.shape_conformance import ShapeConformance


class TestPrincipalBox(ShapeConformance):
    component = Box(upright=False)


class TestUprightBox(ShapeConformance):
    component = Box()


class TestMoments(ShapeConformance):
    component = EllipsoidStart()


class TestHalf(ShapeConformance):
    component = EllipsoidStart(form="half", clipped=True)


class TestUprightEllipsoid(ShapeConformance):
    component = EllipsoidStart(form="upright")


class TestSphere(ShapeConformance):
    component = EllipsoidStart(form="sphere")


class TestVisibleHull(ShapeConformance):
    """It is a shell, by far too small, but nowhere outside the solid."""

    component = DroppedHull(dropped=False)

    def _recovered(self, scene):
        mesh = self._best(scene)
        assert 0.1 < float(mesh.volume()) / self.solid.volume() < 0.5
        points = scene.in_object(mesh.vertices)
        outside = (points / (torch.tensor(self.solid.extents) / 2)).norm(dim=-1) > 1
        if outside.any():
            assert float(self.solid.distance(points[outside]).mean()) < 0.004

    def test_partly_hidden(self):
        mesh = self._best(evidence_scene(self.solid, noisy=True, hidden=0.35))
        assert mesh.is_closed()
        assert 0.05 < float(mesh.volume()) / self.solid.volume() < 0.5


class TestMirroredHull(ShapeConformance):
    component = DroppedHull(mirrored=True)


class TestSuperquadric(ShapeConformance):
    component = Superquadric(dropped=True, points=200, rounds=8)


class TestAlphaShape(ShapeConformance):
    component = AlphaShape()
