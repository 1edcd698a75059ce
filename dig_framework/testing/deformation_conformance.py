"""What every deformation must do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.icosphere import icosphere
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.mesh import Mesh
from dig_framework.testing.conformance import Conformance, not_claimed

_AFFINE = ((0.3, -0.1, 0.05), (0.2, -0.2, 0.1), (0.0, 0.15, 0.25))
_SHIFT = (0.01, -0.02, 0.03)


class DeformationConformance(Conformance):
    """Checks on a lopsided egg of 42 vertices and, for handles, on one with more vertices than handles need."""

    component: ClassVar[Deformation]  # type: ignore[assignment]

    def test_identity_at_start(self) -> None:
        """The parameters of a binding leave the rest mesh as it is, to a millionth of its size."""
        mesh = _egg()
        binding = self.component.bind(mesh)
        moved = self.component.deform(binding, binding.parameters).vertices - mesh.vertices
        _at_most(moved.abs().max(), 1e-6 * _size(mesh), "the start moves a vertex by {} m")

    def test_faces_and_colors_stay(self) -> None:
        """Only vertices change: same faces, same colours, same dtype, finite."""
        mesh = _egg()
        mesh = mesh.replace(colors=torch.rand(len(mesh.vertices), 3, generator=_generator()).double())
        binding = self.component.bind(mesh)
        deformed = self.component.deform(binding, _random(binding))
        assert torch.equal(deformed.faces, mesh.faces), "deform changed the faces"
        assert deformed.colors is not None, "deform lost the colours"
        assert torch.equal(deformed.colors, binding.rest.colors), "deform changed the colours"  # type: ignore[arg-type]
        assert deformed.vertices.dtype == mesh.vertices.dtype, f"vertices became {deformed.vertices.dtype}"
        assert deformed.vertices.isfinite().all(), "a vertex is not finite"

    def test_every_parameter_moves_the_mesh(self) -> None:
        """No parameter is without effect, and changing one by 0.001 moves the mesh by less than a tenth of its size."""
        binding = self.component.bind(_egg())
        for name, value in binding.parameters.items():
            others = {
                **binding.parameters,
                name: value + 1e-3 * torch.randn(value.shape, generator=_generator()).to(value),
            }
            moved = (self.component.deform(binding, others).vertices - binding.rest.vertices).abs().max()
            assert moved > 0, f"parameter {name!r} moves nothing"
            _at_most(moved, 0.1 * _size(binding.rest), f"a change of {name!r} by 0.001 moves a vertex by {{}} m")

    def test_partition_of_unity(self) -> None:
        """Equal displacements of all handles shift the mesh by just as much; without handles, some parameters do."""
        mesh = _egg()
        shift = torch.tensor(_SHIFT).double().expand_as(mesh.vertices)
        if self.component.handles is None:
            self._reaches(mesh, shift, "a shift of the whole mesh")
        else:
            self._follows_handles(mesh, lambda places: torch.tensor(_SHIFT).double().expand_as(places), "equal")

    def test_linear_precision(self) -> None:
        """Affine displacements of the handles move the mesh by the same map; without handles, some parameters do."""
        mesh = _egg()
        matrix = torch.tensor(_AFFINE).double()
        if self.component.handles is None:
            self._reaches(mesh, (mesh.vertices - mesh.vertices.mean(0)) @ matrix.T, "an affine map of the whole mesh")
        else:
            self._follows_handles(mesh, lambda places: places @ matrix.T, "affine")

    def test_interpolation(self) -> None:
        """Four points of the mesh, not in one plane, can be put anywhere nearby."""
        mesh = _egg()
        corners = torch.tensor([0, 1, 4, 8])
        wanted = 0.1 * _size(mesh) * torch.randn(4, 3, generator=_generator()).double()
        self._reaches(mesh, wanted, "a displacement of four points", corners)

    def test_gradients(self) -> None:
        """Gradients in the parameters agree with finite differences in float64."""
        binding = self.component.bind(_egg())
        names = list(binding.parameters)
        weights = torch.randn(len(binding.rest.vertices), 3, generator=_generator()).double()
        values = _random(binding)
        direction = {name: torch.randn(value.shape, generator=_generator()).to(value) for name, value in values.items()}

        def total(step: float | Tensor) -> Tensor:
            moved = {name: values[name] + step * direction[name] for name in names}
            return (self.component.deform(binding, moved).vertices * weights).sum()

        step = torch.zeros((), dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(total(step), step)
        numeric = (total(1e-5) - total(-1e-5)) / 2e-5
        _at_most((slope - numeric).abs() / numeric.abs().clamp_min(1e-9), 1e-5, "relative gradient error is {}")

    def test_repeats(self) -> None:
        """The same mesh and parameters give the same bits."""
        first, second = (self.component.bind(_egg()) for _ in range(2))
        one = self.component.deform(first, _random(first)).vertices
        two = self.component.deform(second, _random(second)).vertices
        assert torch.equal(one, two), "two runs differ"

    def test_leaves_its_inputs_alone(self) -> None:
        """Neither the bound mesh nor the parameters change, and the rest mesh has no gradient history."""
        mesh = _egg()
        before = mesh.vertices.clone()
        binding = self.component.bind(mesh)
        values = _random(binding)
        kept = {name: value.clone() for name, value in values.items()}
        self.component.deform(binding, values)
        assert torch.equal(mesh.vertices, before), "bind or deform changed the mesh it was given"
        assert all(torch.equal(values[name], kept[name]) for name in values), "deform changed its parameters"
        assert not binding.rest.vertices.requires_grad, "the rest mesh carries gradient history"

    def _follows_handles(self, mesh: Mesh, displaced: Callable[[Tensor], Tensor], kind: str) -> None:
        """Check that a field [m] of displacements at the handles moves every vertex by the field's value there."""
        name = self.component.handles
        if name is None:
            raise not_claimed("handles")
        binding = self.component.bind(mesh)
        assert name in binding.constants, f"the handles' places are not in constants[{name!r}]"
        rows = displaced(binding.constants[name]) / binding.constants.get("size", 1.0)
        moved = self.component.deform(binding, {**binding.parameters, name: rows}).vertices - mesh.vertices
        wanted = displaced(mesh.vertices)
        left = (moved - wanted).abs().max() / wanted.abs().max()
        _at_most(left, 1e-8, f"{kind} handle displacements move vertices otherwise by {{}} of the displacement")

    def _reaches(self, mesh: Mesh, wanted: Tensor, what: str, rows: Tensor | None = None) -> None:
        """Check that some parameters give the wanted displacements, found by Gauss-Newton steps halved until nearer."""
        binding = self.component.bind(mesh)
        chosen = torch.arange(len(mesh.vertices)) if rows is None else rows

        def missing(vector: Tensor) -> Tensor:
            values = _unflat(vector, binding)
            moved = (self.component.deform(binding, values).vertices - mesh.vertices)[chosen]
            return (wanted - moved).reshape(-1) / wanted.abs().max()

        flat = _flat(binding.parameters)
        for _ in range(25):
            left = missing(flat)
            if left.abs().max() <= 1e-8:
                break
            jacobian = torch.autograd.functional.jacobian(missing, flat)
            step = torch.linalg.lstsq(jacobian, left[:, None], driver="gelsd").solution[:, 0]
            flat = _nearer(flat, step, missing)
        _at_most(missing(flat).abs().max(), 1e-6, f"{what} is missed by {{}} of its size")


def _nearer(place: Tensor, step: Tensor, missing: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the place after a step, halved up to ten times until less is missing."""
    before = missing(place).norm()
    for _ in range(10):
        if missing(place - step).norm() < before:
            break
        step = step / 2
    return place - step


def _egg() -> Mesh:
    """Return an egg with three different axes, off its frame's origin [m]."""
    sphere = icosphere(1)
    x, y, z = sphere.vertices.unbind(1)
    vertices = torch.stack([0.05 * x * (1 + 0.2 * z), 0.03 * y, 0.08 * z], 1)
    return sphere.replace(vertices=vertices + torch.tensor([0.02, -0.01, 0.04]).double())


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def _size(mesh: Mesh) -> float:
    return float((mesh.vertices.amax(0) - mesh.vertices.amin(0)).max())


def _random(binding: Binding) -> dict[str, Tensor]:
    generator = _generator()
    return {
        name: value + 0.01 * torch.randn(value.shape, generator=generator).to(value)
        for name, value in binding.parameters.items()
    }


def _flat(values: dict[str, Tensor]) -> Float[Tensor, "parameters"]:
    return torch.cat([value.detach().reshape(-1) for value in values.values()])


def _unflat(vector: Float[Tensor, "parameters"], binding: Binding) -> dict[str, Tensor]:
    parts = vector.split([value.numel() for value in binding.parameters.values()])
    return {
        name: part.reshape(value.shape) for (name, value), part in zip(binding.parameters.items(), parts, strict=True)
    }


def _at_most(measured: Tensor | float, bound: float, text: str) -> None:
    value = float(measured)
    assert value <= bound, f"{text.format(f'{value:.2g}')}, bound {bound:.2g}"
