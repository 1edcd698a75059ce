from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from dig_framework.builtin.deformation_mean_value import MeanValueCage
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.builtin.schedule_phases import Phase, Phases
from dig_framework.errors import FitError
from dig_framework.evidence import SensorNoise
from dig_framework.interfaces.schedule import Fit, FitStep, Objective, Schedule
from dig_framework.objective import ObjectiveSettings
from dig_framework.scene import Failure, Scene
from dig_framework.stages.deform import deform
from dig_framework.stages.fit import fit
from dig_framework.stages.segmentation import Segmentation
from dig_framework.testing.scenes import AnalyticScene, two_spheres

POSE = Phase(
    name="pose",
    steps=60,
    lr=0.2,
    decay=0.1,
    parameters=("objects.*.pose.translation", "objects.*.scale"),
    scales={"*.translation": 0.01, "*.scale": 0.1},
    loss={"depth": 1, "mask": 1},
)


def run_fit(
    case: AnalyticScene, start: Scene, schedule: Schedule, report: Callable[[FitStep], None] | None = None
) -> Scene:
    observation = case.observation()
    assert observation.masks is not None
    segmentation = Segmentation(observation.masks, case.scene.plane)
    settings, ignore = ObjectiveSettings(), (lambda step: None)
    return fit(observation, segmentation, start, RasterRenderer(), schedule, settings, SensorNoise(), report or ignore)


def run_deform(case: AnalyticScene, start: Scene, schedule: Schedule) -> Scene:
    observation = case.observation()
    assert observation.masks is not None
    segmentation = Segmentation(observation.masks, case.scene.plane)
    cage, settings = MeanValueCage(subdivisions=1), ObjectiveSettings()
    return deform(
        observation, segmentation, start, RasterRenderer(), cage, schedule, settings, SensorNoise(), lambda step: None
    )


def displaced(scene: Scene) -> Scene:
    """Shift the near sphere by 9 mm and make the far one a tenth larger."""
    values = scene.tensors()
    return scene.with_tensors(
        {
            "objects.0.pose.translation": values["objects.0.pose.translation"] + torch.tensor([0.005, -0.004, 0.006]),
            "objects.1.scale": torch.full((3,), 1.1),
        }
    )


def test_poses_and_scales_are_recovered():
    case = two_spheres(size=96, subdivisions=3)
    steps: list[FitStep] = []
    fitted = run_fit(case, displaced(case.scene), Phases(phases=(POSE,)), steps.append)
    for found, true in zip(fitted.objects, case.scene.objects, strict=True):
        assert (found.pose.translation - true.pose.translation)[:2].abs().max() < 0.001
        assert (found.posed().vertices[:, 2].min() - true.posed().vertices[:, 2].min()).abs() < 0.001
        extent = found.mesh.vertices.amax(0) - found.mesh.vertices.amin(0)
        wanted = true.mesh.vertices.amax(0) - true.mesh.vertices.amin(0)
        assert ((extent - wanted) / wanted)[:2].abs().max() < 0.03
        assert torch.equal(found.scale, torch.ones(3))
    assert steps[-1].loss < 0.5 * steps[0].loss


def test_light_and_material_are_recovered():
    case = two_spheres(size=96, subdivisions=3)
    start = case.scene.with_tensors(
        {
            "lights.0.intensity": torch.tensor([0.6, 0.6, 0.6]),
            "objects.0.material.color": torch.tensor([0.5, 0.5, 0.5]),
            "objects.1.material.color": torch.tensor([0.5, 0.5, 0.5]),
        }
    )
    phases = (
        Phase(
            name="light",
            optimizer="lbfgs",
            steps=15,
            parameters=("lights.*.intensity",),
            loss={"rgb_background": 1},
            min_delta=1e-6,
        ),
        Phase(
            name="material",
            optimizer="lbfgs",
            steps=25,
            parameters=("objects.*.material.color",),
            loss={"rgb": 1, "bounds": 1},
            min_delta=1e-6,
        ),
    )
    fitted = run_fit(case, start, Phases(phases=phases))
    torch.testing.assert_close(fitted.lights[0].intensity, case.scene.lights[0].intensity, rtol=0.02, atol=0)
    for found, true in zip(fitted.objects, case.scene.objects, strict=True):
        torch.testing.assert_close(found.material.color, true.material.color, rtol=0.05, atol=0.01)


class Shove(Schedule):
    """Wrong on purpose: moves the first object off its pixels, and the light."""

    def fit(self, objective: Objective, parameters: Mapping[str, Tensor], report: Callable[[FitStep], None]) -> Fit:
        moved = dict(parameters)
        moved["objects.0.pose.translation"] = parameters["objects.0.pose.translation"] + 0.02
        moved["lights.0.intensity"] = parameters["lights.0.intensity"] * 2
        return Fit(moved, True)


def test_what_agrees_less_than_its_start_is_put_back():
    case = two_spheres(size=64)
    for fitted in (run_fit(case, case.scene, Shove()), run_deform(case, case.scene, Shove())):
        first, second = fitted.objects
        assert torch.equal(first.pose.translation, case.scene.objects[0].pose.translation)
        assert not first.converged
        assert second.converged
        assert torch.equal(fitted.lights[0].intensity, 2 * case.scene.lights[0].intensity)


def test_a_scene_without_objects_comes_back():
    case = two_spheres(size=64)
    empty = case.scene.replace(objects=(), failures=(Failure("near", 0, "segment", "no pixels"),))
    assert run_fit(case, empty, Phases()) is empty
    assert run_deform(case, empty, Phases()) is empty


def test_objects_are_compared_with_their_own_box():
    """With the first box failed, object 0 of the scene is box 1."""
    case = two_spheres(size=64)
    rest = case.scene.replace(objects=case.scene.objects[1:])
    start = rest.with_tensors({"objects.0.scale": torch.full((3,), 1.1)})
    fitted = run_fit(case, start, Phases(phases=(POSE,)))
    extent = fitted.objects[0].mesh.vertices.amax(0) - fitted.objects[0].mesh.vertices.amin(0)
    assert float(extent[0]) == pytest.approx(0.1, rel=0.04)


def test_unknown_pattern_ends_the_fit():
    case = two_spheres(size=64)
    phase = POSE.model_copy(update={"parameters": ("objects.*.position",)})
    with pytest.raises(FitError, match=r"objects\.\*\.position.*objects\.\*\.pose\.translation"):
        run_fit(case, case.scene, Phases(phases=(phase,)))


SHAPE = Phase(
    name="shape",
    steps=80,
    lr=0.03,
    decay=0.1,
    parameters=("objects.*.deformation.*",),
    loss={"depth": 1, "mask": 1, "anchor": 0.01, "bending": 0.01},
)


def test_deformation_recovers_the_visible_side_and_keeps_the_hidden_one():
    """Spheres that start squeezed sideways and too far away get their outline and depth back; backs stay in place."""
    case = two_spheres(size=96, subdivisions=3)
    squeeze = {f"objects.{k}.scale": torch.tensor([0.85, 1.0, 0.95]) for k in (0, 1)}
    start = case.scene.with_tensors(squeeze)
    found = run_deform(case, start, Phases(phases=(SHAPE,)))
    for before, after, true in zip(start.objects, found.objects, case.scene.objects, strict=True):
        radius = true.mesh.vertices.norm(dim=1).max()
        start_error, end_error = (
            (item.posed().vertices - true.pose.translation).norm(dim=1) - radius for item in (before, after)
        )
        facing = true.mesh.vertices[:, 2] < -0.3 * radius
        assert end_error[facing].abs().mean() < 0.4 * start_error[facing].abs().mean()
        assert end_error[~facing].abs().mean() < 1.1 * start_error[~facing].abs().mean()
        assert torch.equal(after.mesh.faces, before.mesh.faces)
        assert after.mesh.is_closed()
        assert torch.equal(after.scale, torch.ones(3))


def test_the_same_fit_twice_gives_the_same_bits():
    case = two_spheres(size=48, subdivisions=2)
    phase = POSE.model_copy(update={"steps": 5})
    first, second = (run_fit(case, displaced(case.scene), Phases(phases=(phase,))).tensors() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
