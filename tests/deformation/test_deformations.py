from collections.abc import Mapping
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from dig_framework.builtin.deformation_affine import Affine
from dig_framework.builtin.deformation_green import GreenCage
from dig_framework.builtin.deformation_harmonic import HarmonicCage
from dig_framework.builtin.deformation_lattice import Lattice
from dig_framework.builtin.deformation_mean_value import MeanValueCage
from dig_framework.builtin.deformation_per_vertex import PerVertex
from dig_framework.builtin.deformation_spherical_harmonics import SphericalHarmonics
from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh
from dig_framework.testing.deformation_conformance import DeformationConformance


class TestMeanValueCage(DeformationConformance):
    component = MeanValueCage()


class TestPlainMeanValueCage(DeformationConformance):
    component = MeanValueCage(subdivisions=3, radius=2.1, damping=None)


class TestPerVertex(DeformationConformance):
    component = PerVertex()


class TestPlainPerVertex(DeformationConformance):
    component = PerVertex(smoothing=0)


class TestAffine(DeformationConformance):
    component = Affine()


class TestHarmonicCage(DeformationConformance):
    component = HarmonicCage()


class TestPlainHarmonicCage(DeformationConformance):
    component = HarmonicCage(subdivisions=1, radius=2.0, damping=None)


class TestGreenCage(DeformationConformance):
    component = GreenCage()


class TestLattice(DeformationConformance):
    component = Lattice()


class TestLinearLattice(DeformationConformance):
    component = Lattice(basis="linear", cells=3, damping=None)


class TestBernsteinLattice(DeformationConformance):
    component = Lattice(basis="bernstein", cells=4)


class TestSolidHarmonics(DeformationConformance):
    component = SphericalHarmonics()


class TestSurfaceHarmonics(DeformationConformance):
    component = SphericalHarmonics(kind="surface", degree=5)


class TestRadialHarmonics(DeformationConformance):
    component = SphericalHarmonics(along="rays", kind="surface")


class TestFirstHarmonics(DeformationConformance):
    component = SphericalHarmonics(degree=1)


class LeakyCage(Deformation):
    """Wrong on purpose: weights of far vertices sum to less than one."""

    handles: ClassVar[str | None] = "cage"

    def bind(self, mesh: Mesh) -> Binding:
        good = MeanValueCage(damping=None).bind(mesh)
        leak = 1 - mesh.vertices[:, :1].abs()
        return good.replace(constants={**good.constants, "weights": good.constants["weights"] * leak})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        return MeanValueCage(damping=None).deform(binding, parameters)


class HalvedCage(Deformation):
    """Wrong on purpose: all weights are half of what they should be."""

    handles: ClassVar[str | None] = "cage"

    def bind(self, mesh: Mesh) -> Binding:
        good = MeanValueCage(damping=None).bind(mesh)
        return good.replace(constants={**good.constants, "weights": 0.5 * good.constants["weights"]})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        return MeanValueCage(damping=None).deform(binding, parameters)


class Jumpy(Deformation):
    """Wrong on purpose: a small change of its parameter throws the mesh far away."""

    def bind(self, mesh: Mesh) -> Binding:
        return Binding(mesh, {"shift": torch.zeros(3).to(mesh.vertices)})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        return binding.rest.replace(vertices=binding.rest.vertices + 1e3 * parameters["shift"])


class BentCage(Deformation):
    """Wrong on purpose: weights sum to one, but do not reproduce the vertices."""

    handles: ClassVar[str | None] = "cage"

    def bind(self, mesh: Mesh) -> Binding:
        good = MeanValueCage(damping=None).bind(mesh)
        bent = good.constants["weights"].square()
        return good.replace(constants={**good.constants, "weights": bent / bent.sum(1, keepdim=True)})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        return MeanValueCage(damping=None).deform(binding, parameters)


class Stuck(Deformation):
    """Wrong on purpose: its gradients stop half-way, and its parameter only shifts."""

    def bind(self, mesh: Mesh) -> Binding:
        return Binding(mesh, {"shift": torch.zeros(3).to(mesh.vertices)})

    def deform(self, binding: Binding, parameters: Mapping[str, Tensor]) -> Mesh:
        half = parameters["shift"] / 2
        return binding.rest.replace(vertices=binding.rest.vertices + half + half.detach())


@pytest.mark.parametrize(
    ("component", "check"),
    [
        (LeakyCage(), "test_partition_of_unity"),
        (LeakyCage(), "test_linear_precision"),
        (HalvedCage(), "test_partition_of_unity"),
        (HalvedCage(), "test_linear_precision"),
        (Jumpy(), "test_every_parameter_moves_the_mesh"),
        (BentCage(), "test_linear_precision"),
        (Stuck(), "test_linear_precision"),
        (Stuck(), "test_interpolation"),
        (Stuck(), "test_gradients"),
    ],
)
def test_wrong_deformations_fail(component: Deformation, check: str):
    suite = type("Suite", (DeformationConformance,), {"component": component})()
    with pytest.raises(AssertionError, match="bound"):
        getattr(suite, check)()


@pytest.mark.parametrize("kind", [MeanValueCage, HarmonicCage, Lattice])
def test_damping_evens_out_the_modes(kind: type[MeanValueCage | HarmonicCage | Lattice]):
    sphere = icosphere(2)
    plain, even = (kind(damping=damping).bind(sphere).constants["weights"] for damping in (None, 0.03))
    strength = [torch.linalg.svdvals(weights) for weights in (plain, even)]
    modes = 49
    ratio = [float(values[0] / values[modes - 1]) for values in strength]
    assert ratio[0] > 8
    assert ratio[1] < 3


def test_damping_evens_out_the_modes_of_harmonics_but_keeps_those_that_are_affine():
    ball = icosphere(3)
    halved = ball.replace(vertices=0.5 * ball.vertices + 0.2 * ball.vertices[:, :1] * ball.vertices)
    weights = SphericalHarmonics(degree=6).bind(halved).constants["weights"]
    strength = torch.linalg.svdvals(weights)
    assert strength[0] / strength[-1] < 5
    torch.testing.assert_close(weights[:, 0], torch.ones(642).double(), rtol=0, atol=1e-9)


def test_flat_meshes_can_be_bound():
    sphere = icosphere(1)
    flat = sphere.replace(vertices=sphere.vertices * torch.tensor([0.1, 0.1, 0.0]))
    binding = MeanValueCage().bind(flat)
    assert binding.constants["weights"].isfinite().all()


def test_smoothing_spreads_one_vertex_to_its_neighbours():
    sphere = icosphere(2)
    binding = PerVertex(smoothing=10).bind(sphere)
    push = torch.zeros_like(sphere.vertices)
    push[0, 0] = 1
    moved = (PerVertex(smoothing=10).deform(binding, {"offsets": push}).vertices - sphere.vertices)[:, 0]
    neighbours = {int(v) for edge in sphere.edges().tolist() if 0 in edge for v in edge} - {0}
    assert moved.sum() == pytest.approx(1, abs=1e-9)
    assert all(0 < moved[v] < moved[0] for v in neighbours)


def test_smoothing_solves_the_papers_system():
    """Nicolet et al. 2021: u = (I + smoothing L) x, with L the degrees less the neighbours; gradients alike."""
    sphere = icosphere(1)
    binding = PerVertex(smoothing=19.0).bind(sphere)
    start, end = sphere.edges().T
    adjacency = torch.zeros(42, 42, dtype=torch.float64)
    adjacency[start, end] = adjacency[end, start] = 1.0
    matrix = torch.eye(42) + 19 * (adjacency.sum(1).diag() - adjacency)
    push = torch.randn(42, 3, generator=torch.Generator().manual_seed(0)).double().requires_grad_()
    moved = PerVertex(smoothing=19.0).deform(binding, {"offsets": push}).vertices - sphere.vertices
    torch.testing.assert_close(matrix @ moved, push, rtol=0, atol=1e-12)
    (gradient,) = torch.autograd.grad((moved * sphere.vertices).sum(), push)
    torch.testing.assert_close(matrix @ gradient, sphere.vertices, rtol=0, atol=1e-12)


def test_smoothing_has_exact_second_use_after_a_dtype_move():
    binding = PerVertex().bind(icosphere(1))
    offsets = {"offsets": torch.ones_like(binding.rest.vertices)}
    PerVertex().deform(binding, offsets)
    moved = binding.to(dtype=torch.float32)
    single = PerVertex().deform(moved, {"offsets": offsets["offsets"].float()})
    torch.testing.assert_close(single.vertices, moved.rest.vertices + 1, rtol=0, atol=1e-5)
