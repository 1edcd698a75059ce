"""What must hold for every grasp policy."""

from __future__ import annotations

import math
import unittest
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.interfaces.policy import Policy
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.conformance import Conformance
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, translation


class PolicyConformance(Conformance):
    """Grasps that are poses, fit the hand, spare the table, and have the object between the pads."""

    component: ClassVar[Policy]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_proposes_for_every_object(self) -> None:
        """A box and a smaller one beside it: both get candidates, and all candidates are for one of them."""
        indices = {grasp.object_index for grasp in self._proposed(_two_boxes())}
        assert indices == {3, 7}, f"the candidates are for the objects {sorted(indices)}, not for 3 and 7"

    def test_poses_are_rigid(self) -> None:
        """Every hand pose is a finite rotation and translation, to 1e-4."""
        for grasp in self._proposed(_two_boxes()):
            pose = grasp.scene_from_hand.double()
            assert bool(torch.isfinite(pose).all()), "a hand pose is not finite"
            error = float((pose[:3, :3] @ pose[:3, :3].mT - torch.eye(3)).abs().max())
            assert error < 1e-4, f"a hand's axes are off orthonormal by {error:.2e}; allowed 1e-4"
            assert float(torch.linalg.det(pose[:3, :3])) > 0, "a hand pose is a reflection"

    def test_widths_fit_hand(self) -> None:
        """Pads start no further apart than the hand opens, and the approach is a length."""
        hand = ParallelJaw()
        for grasp in self._proposed(_two_boxes()):
            assert 0 < grasp.width <= hand.opening + 1e-6, (
                f"a width of {grasp.width} m; the hand opens {hand.opening} m"
            )
            assert math.isfinite(grasp.approach), f"an approach of {grasp.approach} m"
            assert grasp.approach >= 0, f"an approach of {grasp.approach} m"

    def test_object_is_between_pads(self) -> None:
        """Some of the surface of what is grasped lies between the pads, and none of it inside the hand."""
        scene, hand = _two_boxes(), ParallelJaw()
        surfaces = {item.index: item.posed().vertices.double() for item in scene.objects}
        for grasp in self._proposed(scene):
            local = _in_hand(grasp, surfaces[grasp.object_index])
            low = hand.fingertip - hand.finger_length
            held = (local[:, 1].abs() <= hand.finger_width / 2) & (local[:, 2] >= low) & (local[:, 2] <= hand.fingertip)
            held &= local[:, 0].abs() <= grasp.width / 2
            assert bool(held.any()), f"nothing of object {grasp.object_index} is between the pads of a candidate"
            for box in hand.boxes(grasp.width):
                away = (local - torch.from_numpy(box.center)).abs() - torch.from_numpy(box.half)
                deep = float((-away.amax(1)).max())
                assert deep < 1e-4, f"object {grasp.object_index} is {deep:.4f} m inside the {box.name} of a candidate"

    def test_hand_stays_above_table(self) -> None:
        """No corner of the hand is below the table when it closes."""
        scene, hand = _two_boxes(), ParallelJaw()
        assert scene.plane is not None
        for grasp in self._proposed(scene):
            corners = torch.cat([torch.from_numpy(box.corners()) for box in hand.boxes(grasp.width)])
            pose = grasp.scene_from_hand.double()
            low = float(scene.plane.height(corners @ pose[:3, :3].mT + pose[:3, 3]).min())
            assert low > -1e-4, f"a candidate has a corner of the hand {-low:.4f} m below the table"

    def test_some_candidate_holds(self) -> None:
        """At least one of the first ten candidates for a box holds in the analytic simulator."""
        from dig_framework.builtin.simulator_quasi_static import QuasiStatic

        scene = table_scene(_box(0.05))
        first = self._proposed(scene)[:10]
        reasons = [trial.reason for trial in QuasiStatic().attempt(scene, first, ParallelJaw(), 0)]
        assert "held" in reasons, f"none of the first candidates for a 5 cm box holds: {reasons}"

    def test_most_promising_first(self) -> None:
        """Of a heavy bar, the first two candidates score no less in the analytic simulator than the last two."""
        from dig_framework.builtin.simulator_quasi_static import QuasiStatic

        bar = box_mesh(0.2, 0.04, 0.05, subdivisions=3, dtype=torch.float64)
        scene = table_scene(table_object(3, bar, translation(0.0, 0.0, 0.025), mass=1.0))
        found = self._proposed(scene)
        if len(found) < 2:
            raise unittest.SkipTest("proposes fewer than two grasps for a bar of 20 x 4 x 5 cm")
        scores = [trial.score for trial in QuasiStatic().attempt(scene, found[:2] + found[-2:], ParallelJaw(), 0)]
        first, last = sum(scores[:2]) / 2, sum(scores[2:]) / 2
        assert first >= last - 0.05, f"the first two candidates score {first:.2f}, the last two {last:.2f}"

    def test_proposes_nothing_without_objects(self) -> None:
        """An empty table gives no candidate."""
        found = self._proposed(table_scene())
        assert found == (), f"{len(found)} candidates on an empty table"

    def test_proposes_nothing_too_wide(self) -> None:
        """A cube of twice the opening gives no candidate."""
        found = self._proposed(table_scene(_box(2 * ParallelJaw().opening)))
        assert found == (), f"{len(found)} candidates for a cube of twice the hand's opening"

    def test_passes_over_broken_objects(self) -> None:
        """An object without faces gets no candidate and keeps none from its neighbour."""
        broken = _box(0.03, 0.25, 7)
        broken = broken.replace(mesh=broken.mesh.replace(faces=torch.zeros(0, 3, dtype=torch.int64)))
        indices = {grasp.object_index for grasp in self._proposed(table_scene(_box(0.05), broken))}
        assert indices == {3}, f"the candidates are for the objects {sorted(indices)}, not for 3 alone"

    def test_is_reproducible(self) -> None:
        """The same scene and seed give the same candidates, to the last bit."""
        first, second = self._proposed(_two_boxes()), self._proposed(_two_boxes())
        assert len(first) == len(second), f"{len(first)} candidates, then {len(second)}"
        same = all(torch.equal(a.scene_from_hand, b.scene_from_hand) for a, b in zip(first, second, strict=True))
        assert same, "the same seed gives other candidates"

    def _proposed(self, scene: Scene) -> tuple[Grasp, ...]:
        return self.component.propose(scene, ParallelJaw(), 0)


def _box(side: float, x: float = 0.0, index: int = 3) -> SceneObject:
    mesh = box_mesh(side, side, side, subdivisions=3, dtype=torch.float64)
    return table_object(index, mesh, translation(x, 0.0, side / 2), mass=0.1)


def _two_boxes() -> Scene:
    return table_scene(_box(0.05), _box(0.03, 0.25, 7))


def _in_hand(grasp: Grasp, points: Float[Tensor, "points 3"]) -> Float[Tensor, "points 3"]:
    pose = grasp.scene_from_hand.double()
    return (points - pose[:3, 3]) @ pose[:3, :3]
