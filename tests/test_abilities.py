import pytest
from tiny_pipeline import SETTINGS

from dig_framework.config_reading import read_config
from dig_framework.errors import ConfigError

PHASES = {"type": "phases", "phases": [{"name": "one", "parameters": ["*"], "loss": {"depth": 1, "mask": 2}}]}
BLIND = "tiny_pipeline:BlindRenderer"


def explained(**settings):
    with pytest.raises(ConfigError) as caught:
        read_config({**SETTINGS, **settings})
    return str(caught.value)


def test_a_schedule_needs_gradients_of_what_it_compares():
    assert explained(fit_schedule=PHASES, renderer=BLIND) == (
        "config: the fit schedule needs gradients of depth, masks for depth, mask, but renderer "
        "'tiny_pipeline:BlindRenderer' differentiates nothing. Choose another renderer, leave these terms out, or take "
        "a schedule that needs no gradients, such as 'derivative-free'."
    )


def test_what_compares_no_image_needs_no_gradients():
    phases = [{"name": "one", "parameters": ["*"], "loss": {"contact": 1, "volume": 1}}]
    config = read_config({**SETTINGS, "fit_schedule": {"type": "phases", "phases": phases}, "renderer": BLIND})
    assert config.renderer.differentiable == frozenset()


def test_a_schedule_without_gradients_takes_any_renderer():
    assert read_config({**SETTINGS, "fit_schedule": "derivative-free", "renderer": BLIND}).fit_schedule is not None


def test_unknown_terms():
    phases = [{"name": "one", "parameters": ["*"], "loss": {"dpeth": 1}}]
    assert explained(deformation="affine", deform_schedule={"type": "phases", "phases": phases}).startswith(
        "config: the deform schedule has a loss term 'dpeth', which does not exist. Did you mean 'depth'? Terms: "
    )
