"""What every shape backend must do."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import InputError
from dig_framework.evidence import Evidence, Hypothesis
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.testing.conformance import Conformance, check_claims, not_claimed
from dig_framework.testing.evidence_scenes import EvidenceScene, Solid, evidence_scene


class ShapeConformance(Conformance):
    """Checks on a known solid on a table, of which one camera sees the near half.

    How far off a backend may be is what it claims itself. The default solid is an egg, which most families can
    represent at least roughly; a family that can represent more should also be checked with a solid that it represents
    exactly, and closer bounds. A bound that is wider than the claim has no effect.
    """

    component: ClassVar[Shape]  # type: ignore[assignment]
    solid: ClassVar[Solid] = Solid("ellipsoid", (0.09, 0.07, 0.08))
    """What is seen."""
    euler_number: ClassVar[int] = 2
    """Vertices - edges + faces of the solid's mesh: 2 for whatever is like a ball."""
    volume_tolerance: ClassVar[float] = math.inf
    """Bound of the relative error of the volume, where it is less than `volume_error` of the component."""
    extent_tolerance: ClassVar[float] = math.inf
    """Bound of the relative error of the sizes along the solid's axes, where it is less than `extent_error`."""
    surface_tolerance: ClassVar[float] = math.inf
    """Bound of the vertices' mean distance from the true surface [m], where it is less than `surface_error`."""
    front_tolerance: ClassVar[float] = 0.006
    """How far a vertex may be in front of measured depth [m]."""

    def test_claims(self) -> None:
        """What is claimed of errors is at most twice what is usual for shapes."""
        check_claims(self.component)

    def test_weights(self) -> None:
        """Hypotheses are ordered by weight, the weights sum to one, and everything is finite."""
        found = self.component.initialize(evidence_scene(self.solid).evidence, 0)
        weights = [hypothesis.weight for hypothesis in found]
        assert weights, "no hypothesis"
        assert weights == sorted(weights, reverse=True), f"weights are not ordered: {weights}"
        assert abs(sum(weights) - 1) < 1e-6, f"weights sum to {sum(weights)}, not to 1"
        for hypothesis in found:
            for name, value in hypothesis.tensors().items():
                assert bool(torch.isfinite(value).all()), f"{name} is not finite"

    def test_closed(self) -> None:
        """Every hypothesis has a closed mesh of finite vertices."""
        for mesh in self._meshes(evidence_scene(self.solid)):
            assert bool(torch.isfinite(mesh.vertices).all()), "a vertex is not finite"
            assert mesh.is_closed(), "an edge is not shared by exactly two faces that turn the same way"

    def test_outward(self) -> None:
        """Normals point outward: the volume is positive."""
        for mesh in self._meshes(evidence_scene(self.solid)):
            assert float(mesh.volume()) > 0, f"the volume is {float(mesh.volume()):.3g} m^3"

    def test_euler_number(self) -> None:
        """The mesh has the solid's Euler number and no loose vertices."""
        mesh = self._best(evidence_scene(self.solid))
        used = len(mesh.faces.unique())
        assert used == len(mesh.vertices), f"{len(mesh.vertices) - used} vertices belong to no face"
        number = len(mesh.vertices) - len(mesh.edges()) + len(mesh.faces)
        assert number == self.euler_number, f"the Euler number is {number}, not {self.euler_number}"

    def test_recovers(self) -> None:
        """Volume, extents and surface of the solid are found from its visible half."""
        self._recovered(evidence_scene(self.solid))

    def test_recovers_from_noise_and_outliers(self) -> None:
        """The same with the sensor's noise and 30 % of the depths anywhere."""
        self._recovered(evidence_scene(self.solid, noisy=True, outliers=0.3))

    def test_not_in_front_of_depth(self) -> None:
        """No vertex is in front of what the camera measured."""
        if not self.component.respects_evidence:
            raise not_claimed("respects_evidence")
        scene = evidence_scene(self.solid)
        ahead = _ahead(self._best(scene).vertices, scene.evidence)
        assert ahead <= self.front_tolerance, f"{1e3 * ahead:.1f} mm > {1e3 * self.front_tolerance:.1f} mm in front"

    def test_not_below_table(self) -> None:
        """No vertex is below the table by more than three standard deviations of the noise."""
        if not self.component.respects_evidence:
            raise not_claimed("respects_evidence")
        for noisy in (False, True):
            scene = evidence_scene(self.solid, noisy=noisy)
            plane = scene.evidence.plane
            assert plane is not None
            bound = float(3 * scene.evidence.noise.sigma(scene.evidence.points[:, 2].mean()))
            below = -float(plane.height(self._best(scene).vertices).min())
            assert below <= bound, f"{1e3 * below:.1f} mm > {1e3 * bound:.1f} mm below the table"

    def test_rolled_camera(self) -> None:
        """Rolling the camera rolls the result: the same surface and volume within a tenth."""
        scene, rolled = evidence_scene(self.solid), evidence_scene(self.solid, roll=0.9)
        ratio = float(self._best(rolled).volume() / self._best(scene).volume())
        assert 0.9 < ratio < 1.1, f"the volume changes by the factor {ratio:.2f}"
        self._recovered(rolled)

    def test_lopsided(self) -> None:
        """Of a box without one corner, what was measured is on the mesh, and on no mirror image of it much rather."""
        scene = evidence_scene(Solid("chopped box", (0.1, 0.08, 0.09)), yaw=-0.9)
        best = self.component.initialize(scene.evidence, 0)[0]
        mesh = self.component.mesh(best.parameters)
        middle = (mesh.vertices.amax(0) + mesh.vertices.amin(0)) / 2
        measured = scene.evidence.points
        error = _mean_distance(measured, mesh, best)
        bound = self.component.surface_error
        assert error <= bound, f"what was measured is {1e3 * error:.1f} mm > {1e3 * bound:.1f} mm from the mesh"
        for axis in range(3):
            turned = mesh.vertices.clone()
            turned[:, axis] = 2 * middle[axis] - turned[:, axis]
            mirrored = _mean_distance(measured, mesh.replace(vertices=turned), best)
            assert error <= mirrored + 1e-3, (
                f"what was measured is {1e3 * error:.1f} mm from the mesh, but {1e3 * mirrored:.1f} mm from its mirror "
                f"image along {'xyz'[axis]}"
            )

    def test_partly_hidden(self) -> None:
        """A board that hides a third of the solid leaves a closed mesh above the table."""
        scene = evidence_scene(self.solid, noisy=True, hidden=0.35)
        mesh = self._best(scene)
        assert mesh.is_closed(), "the mesh is open"
        ratio = float(mesh.volume()) / self.solid.volume()
        assert 0.3 < ratio < 3, f"the volume is {ratio:.2f} of the truth"

    def test_no_table(self) -> None:
        """Without a table there still is a closed mesh about where the points are."""
        scene = evidence_scene(self.solid, table=False)
        mesh = self._best(scene)
        assert mesh.is_closed(), "the mesh is open"
        error = float(scene.solid.distance(scene.in_object(mesh.vertices)).mean())
        assert error < 3 * self._bound("surface"), f"vertices are {1e3 * error:.1f} mm from the truth on average"

    def test_reproducible(self) -> None:
        """The same evidence gives the same bits."""
        scene = evidence_scene(self.solid, noisy=True)
        first, second = self._best(scene), self._best(scene)
        assert torch.equal(first.vertices, second.vertices), "two calls differ"

    def test_refuses_too_little(self) -> None:
        """A mask without depth, or of a single pixel, is refused with an InputError."""
        evidence = evidence_scene(self.solid).evidence
        blind = evidence.observation.replace(depth=torch.where(evidence.mask, 0.0, evidence.observation.depth))
        dot = torch.zeros_like(evidence.mask)
        dot[100, 100] = True
        for poor in (evidence.replace(observation=blind), evidence.replace(mask=dot)):
            refused = False
            try:
                self.component.initialize(poor, 0)
            except InputError:
                refused = True
            assert refused, "no InputError"

    def test_gradients(self) -> None:
        """Vertices are differentiable in the parameters, as finite differences confirm."""
        if not self.component.parametric:
            raise not_claimed("parametric")
        best = self.component.initialize(evidence_scene(self.solid).evidence, 0)[0]
        start = {name: value.double() for name, value in best.parameters.items() if value.is_floating_point()}
        generator = torch.Generator().manual_seed(0)
        ways = {name: torch.randn(value.shape, generator=generator).to(value) for name, value in start.items()}
        weight = torch.randn(self._mesh(best).vertices.shape, generator=generator).double()

        def along(*steps: Tensor) -> Tensor:
            values = {name: start[name] + step * ways[name] for name, step in zip(start, steps, strict=True)}
            return (weight * self.component.mesh({**best.parameters, **values}).vertices).sum()

        steps = tuple(torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in start)
        agree = torch.autograd.gradcheck(along, steps, raise_exception=False)
        assert agree, "the derivative of the vertices differs from finite differences"

    def _mesh(self, hypothesis: Hypothesis) -> Mesh:
        mesh = self.component.mesh(hypothesis.parameters)
        return mesh.replace(vertices=hypothesis.pose.transform(mesh.vertices))

    def _meshes(self, scene: EvidenceScene) -> list[Mesh]:
        return [self._mesh(hypothesis) for hypothesis in self.component.initialize(scene.evidence, 0)]

    def _best(self, scene: EvidenceScene) -> Mesh:
        return self._meshes(scene)[0]

    def _bound(self, what: str) -> float:
        return min(getattr(self, f"{what}_tolerance"), getattr(self.component, f"{what}_error"))

    def _recovered(self, scene: EvidenceScene) -> None:
        mesh = self._best(scene)
        ratio = float(mesh.volume()) / self.solid.volume()
        assert abs(ratio - 1) <= self._bound("volume"), f"the volume is {ratio:.2f} of the truth"
        points = scene.in_object(mesh.vertices)
        for axis, true in zip("xyz", self.solid.extents, strict=True):
            values = points[:, "xyz".index(axis)]
            size = float(values.max() - values.min())
            assert abs(size / true - 1) <= self._bound("extent"), (
                f"{1e3 * size:.1f} mm along {axis}, not {1e3 * true:.1f}"
            )
        error = float(self.solid.distance(points).mean())
        bound = self._bound("surface")
        assert error <= bound, f"vertices are {1e3 * error:.1f} mm > {1e3 * bound:.1f} mm from the truth on average"


def _mean_distance(points: Float[Tensor, "points 3"], mesh: Mesh, placed: Hypothesis) -> float:
    """Return the mean distance [m] of points of the scene to a mesh in its own frame, to half a millimetre or so.

    Nearest of the corners and many points inside every face; as fine as the faces are small.
    """
    from scipy.spatial import KDTree

    corners = placed.pose.transform(mesh.vertices)[mesh.faces].double()
    steps = 6
    weights = [(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]
    shares = torch.tensor(weights, dtype=torch.float64) / steps
    dense = torch.einsum("sc,fcx->fsx", shares, corners).reshape(-1, 3)
    chosen = points[:: max(1, len(points) // 500)].double()
    distances, _ = KDTree(dense.detach().numpy()).query(chosen.numpy())
    return float(distances.mean())


def _ahead(points: Float[Tensor, "points 3"], evidence: Evidence) -> float:
    """Return how far the foremost point inside the mask is before all depths measured within 2 px of it [m]."""
    depth = evidence.observation.depth
    missing = torch.where(evidence.mask & (depth > 0), depth, math.inf)
    nearest = -torch.nn.functional.max_pool2d(-missing[None, None], 5, 1, 2)[0, 0]
    pixels, distance = evidence.observation.camera.project(points)
    column, row = pixels.round().long().unbind(-1)
    height, width = evidence.mask.shape
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    column, row, distance = column[inside], row[inside], distance[inside]
    seen = evidence.mask[row, column]
    return float((nearest[row, column] - distance)[seen].max()) if seen.any() else 0.0
