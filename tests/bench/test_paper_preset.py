"""The preset `paper` is the published recipe: its figures, and what they mean in our units."""

import pytest

from dig_framework.config_reading import read_config
from dig_framework.icosphere import icosphere
from dig_framework.losses import edge_energy

CONFIG = read_config("paper")


def phases(schedule):
    return {phase.name: phase for phase in schedule.phases}


def test_template_and_cage_are_the_published_ones():
    template, cage = icosphere(CONFIG.shape.subdivisions), icosphere(CONFIG.deformation.subdivisions)
    assert (len(template.vertices), len(template.faces)) == (162, 320)
    assert (len(cage.vertices), len(cage.faces), CONFIG.deformation.radius) == (642, 1280, 2.1)
    assert CONFIG.deformation.damping is None
    assert float(edge_energy(template.vertices, template.edges())) == pytest.approx(43.19, abs=0.01)


def test_the_volume_counts_as_much_as_that_of_the_published_template():
    volume = float(icosphere(CONFIG.shape.subdivisions).volume())
    assert volume == pytest.approx(4.047, abs=1e-3)
    (mesh,) = CONFIG.deform_schedule.phases
    assert mesh.loss["volume"] == pytest.approx(volume**2, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "loss", "moved"),
    [
        ("light", {"rgb_background": 2, "barrier": 1}, ("lights.*", "plane.material.*")),
        ("material", {"rgb": 2, "barrier": 1}, ("objects.*.material.*",)),
        ("shape", {"depth": 30, "mask": 4}, ("objects.*.pose.translation", "objects.*.scale")),
    ],
)
def test_the_scene_is_fitted_in_the_published_order(name, loss, moved):
    phase = phases(CONFIG.fit_schedule)[name]
    assert list(phases(CONFIG.fit_schedule)) == ["light", "material", "shape"]
    assert phase.loss == loss
    assert (*phase.parameters, *phase.optional) == moved
    assert (phase.optimizer, phase.steps, phase.gradient_tolerance, phase.memory) == ("lbfgs", 150, 1e-2, 10)


def test_the_mesh_is_fitted_as_published():
    (mesh,) = CONFIG.deform_schedule.phases
    assert (mesh.optimizer, mesh.lr, mesh.steps, mesh.patience, mesh.min_delta) == ("adamw", 5e-3, 5000, 3000, 1e-4)
    assert {name: mesh.loss[name] for name in ("rgb", "depth", "mask", "laplacian", "smooth_depth")} == {
        "rgb": 1,
        "depth": 100,
        "mask": 10,
        "laplacian": 1e-4,
        "smooth_depth": 1,
    }


def test_the_published_weaknesses_are_settings_that_the_reference_changes():
    reference = read_config("reference")
    for field in ("normalisation", "depth", "ignore_occluded", "slide"):
        assert getattr(CONFIG.objective, field) != getattr(reference.objective, field), field
    assert CONFIG.renderer.silhouettes == "hard" != reference.renderer.silhouettes
    assert CONFIG.renderer.shading == "flat"
    assert CONFIG.renderer.background == (1.0, 1.0, 1.0)
    assert not CONFIG.texture
