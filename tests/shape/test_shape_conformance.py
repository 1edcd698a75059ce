"""The suite must catch shapes that are wrong."""

from typing import Any, ClassVar

import pytest
import torch

from dig_framework.builtin.shape_ellipsoid import Ellipsoid
from dig_framework.builtin.shape_hull import DroppedHull
from dig_framework.evidence import Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.testing.evidence_scenes import Solid
from dig_framework.testing.shape_conformance import ShapeConformance


class Wrong(Shape):
    """An ellipsoid that is spoilt after it was fitted."""

    parametric: ClassVar[bool] = True
    fault: str

    def initialize(self, evidence, seed):
        if self.fault == "guesses":
            evidence = evidence.replace(mask=evidence.mask & (torch.rand(evidence.mask.shape) < 0.9))
        if self.fault == "mirrored":
            return DroppedHull().initialize(evidence, seed)
        if self.fault == "never refuses" and int(evidence.mask.sum()) < 30:
            return (Hypothesis({"axes": torch.ones(3)}, _identity()),)
        best = Ellipsoid(steps=20).initialize(evidence, seed)[0]
        if self.fault == "below the table":
            best = _moved(best, -0.02 * evidence.plane.normal)
        if self.fault == "in front":
            best = _moved(best, torch.tensor([0.0, 0.0, -0.02]))
        if self.fault == "light weight":
            best = best.replace(weight=0.5)
        return (best,)

    def mesh(self, parameters: Any) -> Mesh:
        if self.fault == "mirrored":
            mesh = DroppedHull().mesh(parameters)
            return mesh.replace(vertices=mesh.vertices * torch.tensor([-1.0, 1.0, 1.0]), faces=mesh.faces.flip(1))
        axes = parameters["axes"]
        mesh = Ellipsoid().mesh({"axes": 1.5 * axes if self.fault == "too large" else axes})
        if self.fault == "inside out":
            return mesh.replace(faces=mesh.faces.flip(1))
        if self.fault == "open":
            return mesh.replace(faces=mesh.faces[1:])
        if self.fault == "loose vertex":
            return mesh.replace(vertices=torch.cat([mesh.vertices, mesh.vertices[:1]]))
        if self.fault == "no gradient":
            return mesh.replace(vertices=mesh.vertices.detach() + 0 * axes.sum())
        return mesh


def _identity():
    from dig_framework.pose import Pose

    return Pose.identity()


def _moved(best, shift):
    return best.replace(pose=best.pose.replace(translation=best.pose.translation + shift))


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("inside out", "test_outward"),
        ("open", "test_closed"),
        ("loose vertex", "test_euler_number"),
        ("too large", "test_recovers"),
        ("below the table", "test_not_below_table"),
        ("in front", "test_not_in_front_of_depth"),
        ("light weight", "test_weights"),
        ("no gradient", "test_gradients"),
        ("guesses", "test_reproducible"),
        ("mirrored", "test_lopsided"),
        ("never refuses", "test_refuses_too_little"),
    ],
)
def test_a_wrong_shape_fails(fault, check):
    suite = type("Suite", (ShapeConformance,), {"component": Wrong(fault=fault)})()
    with pytest.raises(AssertionError):
        getattr(suite, check)()


class Humble(Wrong):
    """Claims so little that nothing would be checked."""

    extent_error: ClassVar[float] = 1.0


def test_a_shape_cannot_claim_next_to_nothing():
    suite = type("Suite", (ShapeConformance,), {"component": Humble(fault="too large")})()
    with pytest.raises(AssertionError, match=r"extent_error is 1\.0; above 0 and at most 0\.5 is allowed"):
        suite.test_claims()


def test_a_suite_cannot_loosen_what_is_claimed():
    suite = type("Suite", (ShapeConformance,), {"component": Wrong(fault="too large"), "volume_tolerance": 100.0})()
    with pytest.raises(AssertionError, match="the volume is"):
        suite.test_recovers()


def test_the_published_start_is_too_near_and_too_small():
    suite = type("Suite", (ShapeConformance,), {"component": Ellipsoid(unseen_half=False, steps=0)})()
    with pytest.raises(AssertionError, match="the volume is"):
        suite.test_recovers()


@pytest.mark.parametrize("kind", ["box", "ellipsoid", "cylinder", "chopped box"])
def test_solids_are_hit_on_their_surface(kind):
    solid = Solid(kind, (0.06, 0.08, 0.1))
    generator = torch.Generator().manual_seed(1)
    origins = torch.nn.functional.normalize(torch.randn(500, 3, generator=generator).double(), dim=-1)
    aims = 0.06 * torch.randn(500, 3, generator=generator).double()
    t = solid.first_hit(origins, aims - origins)
    hit = t.isfinite()
    points = origins + t[:, None] * (aims - origins)
    assert 100 < int(hit.sum()) < 500
    assert float(solid.distance(points[hit]).max()) < 1e-9


@pytest.mark.parametrize("kind", ["box", "ellipsoid", "cylinder", "chopped box"])
def test_solids_have_the_volume_they_declare(kind):
    solid = Solid(kind, (0.06, 0.08, 0.1))
    axes = [torch.linspace(-0.06, 0.06, 61, dtype=torch.float64)] * 3
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    # A point is inside if a ray from it to the outside and one from the outside to it meet the surface.
    far = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64).expand_as(grid)
    inside = solid.first_hit(grid - far, far) < 1
    inside &= solid.first_hit(grid + far, -far) < 1
    assert float(inside.sum()) * 0.002**3 == pytest.approx(solid.volume(), rel=0.05)
