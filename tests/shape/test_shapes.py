import pytest

from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.builtin.shape_ellipsoid import Ellipsoid
from dig_framework.builtin.shape_hull import DroppedHull
from dig_framework.testing.evidence_scenes import Solid, evidence_scene
from dig_framework.testing.shape_conformance import ShapeConformance


class TestEllipsoid(ShapeConformance):
    component = Ellipsoid()
    solid = Solid("ellipsoid", (0.08, 0.08, 0.1))
    volume_tolerance = 0.12
    extent_tolerance = 0.08
    surface_tolerance = 0.003


class TestDroppedHull(ShapeConformance):
    component = DroppedHull()
    solid = Solid("cylinder", (0.09, 0.09, 0.1))
    volume_tolerance = 0.12
    extent_tolerance = 0.08
    surface_tolerance = 0.004


class TestDroppedHullOfEgg(ShapeConformance):
    component = DroppedHull()


class TestCompletionOfEgg(ShapeConformance):
    component = SymmetricCompletion()


class TestCompletionOfBox(ShapeConformance):
    component = SymmetricCompletion()
    solid = Solid("box", (0.06, 0.09, 0.12))
    volume_tolerance = 0.12
    extent_tolerance = 0.15
    surface_tolerance = 0.004


class TestCompletionOfCylinder(ShapeConformance):
    component = SymmetricCompletion()
    solid = Solid("cylinder", (0.08, 0.08, 0.1))
    volume_tolerance = 0.12
    extent_tolerance = 0.08
    surface_tolerance = 0.004


@pytest.mark.parametrize("yaw", [0.1, 0.8, 1.4])
@pytest.mark.parametrize("slope", [0.45, 0.9])
def test_completion_finds_a_box_from_any_side(yaw, slope):
    solid = Solid("box", (0.06, 0.1, 0.12))
    scene = evidence_scene(solid, yaw=yaw, slope=slope, noisy=True)
    shape = SymmetricCompletion()
    best = shape.initialize(scene.evidence, 0)[0]
    mesh = shape.mesh(best.parameters)
    error = solid.distance(scene.in_object(best.pose.transform(mesh.vertices)))
    assert float(mesh.volume()) == pytest.approx(solid.volume(), rel=0.15)
    assert float(error.mean()) < 0.003
