"""Single settings deep inside a config are changed by path, by a phase's name, and by pattern."""

import pytest

from dig_framework.config_reading import read_config
from dig_framework.errors import ConfigError

PHASES = [
    {"name": "first", "parameters": ["objects.*.pose.*"], "loss": {"depth": 1.0, "contact": 0.5}},
    {"name": "second", "parameters": ["objects.*.scale"], "loss": {"mask": 2.0}},
]
BASE = {"extends": "quickstart", "name": "base", "fit_schedule": {"type": "phases", "phases": PHASES}}


def changed(changes):
    before, after = read_config(BASE), read_config({**BASE, "set": changes})
    flat = [flattened(config.model_dump(mode="json")) for config in (before, after)]
    return {key: flat[1][key] for key in flat[1] if key not in flat[0] or flat[0][key] != flat[1][key]}


def flattened(value, path=""):
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return {path: value}
    return {name: leaf for key, inner in items for name, leaf in flattened(inner, f"{path}.{key}".lstrip(".")).items()}


def test_a_path_changes_one_setting():
    assert changed({"fit_schedule.phases.1.steps": 7}) == {"fit_schedule.phases.1.steps": 7}
    assert changed({"fit_schedule.phases.second.steps": 7}) == {"fit_schedule.phases.1.steps": 7}
    assert changed({"objective.robust_scale": 2.0, "seed": 3}) == {"objective.robust_scale": 2.0, "seed": 3}


def test_defaults_that_nobody_wrote_can_be_changed():
    assert changed({"renderer.shading": "flat"}) == {"renderer.shading": "flat"}


def test_a_pattern_changes_what_is_there_and_adds_nothing():
    assert changed({"*_schedule.phases.*.loss.contact": 0.0}) == {"fit_schedule.phases.0.loss.contact": 0.0}
    assert changed({"*.phases.*.level": 1}) == {"fit_schedule.phases.0.level": 1, "fit_schedule.phases.1.level": 1}


def test_a_path_may_add_a_term_to_a_loss():
    assert changed({"fit_schedule.phases.second.loss.contact": 0.1}) == {"fit_schedule.phases.1.loss.contact": 0.1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"*.phases.*.loss.friction": 0.0}, "leads to no setting"),
        ({"fit_schedule.phases.third.steps": 1}, "third.*leads to no setting"),
        ({"fits": 1}, "'fits' leads to no setting; .*fit_schedule"),
        ({"deform_schedule.phases.0.steps": 1}, "leads to no setting"),
        (["seed"], "set: is a mapping"),
    ],
)
def test_what_leads_nowhere_is_told(changes, message):
    with pytest.raises(ConfigError, match=message):
        read_config({**BASE, "set": changes})


def test_values_are_checked_as_everywhere():
    with pytest.raises(ConfigError, match="robust_scale"):
        read_config({**BASE, "set": {"objective.robust_scale": -1}})


def test_files_change_what_they_extend(tmp_path):
    (tmp_path / "one.yaml").write_text("extends: quickstart\nset: {objective.robust_scale: 2.0}\n")
    (tmp_path / "two.yaml").write_text(f"extends: {tmp_path}/one.yaml\nset: {{objective.free_margin: 1.0}}\n")
    config = read_config(tmp_path / "two.yaml")
    assert (config.objective.robust_scale, config.objective.free_margin, config.name) == (2.0, 1.0, "two")
