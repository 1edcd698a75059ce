"""Seed, noise and hand stand in a config once, and reach every component that is concerned."""

from collections import defaultdict

import pytest
import torch

from dig_framework import plugins
from dig_framework.builtin.robot_dry_run import DryRun
from dig_framework.builtin.shape_ellipsoid import Ellipsoid
from dig_framework.config_reading import read_config
from dig_framework.derived_seed import derived_seed
from dig_framework.errors import ConfigError, ReachError
from dig_framework.evidence import SensorNoise
from dig_framework.grasp import Grasp, ParallelJaw, Trial
from dig_framework.interfaces import Detector, Policy, Segmenter, Shape, Simulator
from dig_framework.pipeline import run_pipeline
from dig_framework.stage import STAGES
from dig_framework.stage_keys import stage_key
from dig_framework.stages.initialize import initialize
from dig_framework.stages.segmentation import Segmentation
from dig_framework.testing.table_views import ball_and_block, table_view
from dig_framework.yaml_files import parse_yaml

HEARD = defaultdict(list)


class HearingDetector(Detector):
    """Believes the input."""

    def detect(self, observation, noise, seed):
        HEARD["detector"].append({"noise": noise, "seed": seed})
        return observation.boxes


class HearingSegmenter(Segmenter):
    """Believes the input."""

    def segment(self, observation, noise, seed):
        HEARD["segmenter"].append({"noise": noise, "seed": seed})
        return observation.masks


class HearingShape(Shape):
    """An ellipsoid by guess."""

    def initialize(self, evidence, seed):
        HEARD["shape"].append({"noise": evidence.noise, "seed": seed})
        return Ellipsoid(steps=0).initialize(evidence, seed)

    def mesh(self, parameters):
        return Ellipsoid().mesh(parameters)


class HearingPolicy(Policy):
    """One grasp at the camera."""

    def propose(self, scene, hand, seed):
        HEARD["policy"].append({"hand": hand, "seed": seed})
        return tuple(Grasp(item.index, torch.eye(4), 0.04) for item in scene.objects)


class HearingSimulator(Simulator):
    """Everything holds."""

    def settle(self, scene, duration, gravity=None):
        return scene

    def attempt(self, scene, grasps, hand, seed):
        HEARD["simulator"].append({"hand": hand, "seed": seed})
        return tuple(Trial(grasp, True, 0.5, "held") for grasp in grasps)


class HearingRobot(DryRun):
    """Reaches nothing."""

    def plan(self, scene, grasp, hand):
        HEARD["robot"].append({"hand": hand})
        raise ReachError("it is too far away.")


SETTINGS = {
    "detector": HearingDetector(),
    "segmenter": HearingSegmenter(),
    "shape": HearingShape(),
    "renderer": "soft",
    "fit_schedule": None,
    "deformation": None,
    "deform_schedule": None,
    "policy": HearingPolicy(),
    "simulator": HearingSimulator(),
    "robot": HearingRobot(),
}


@pytest.fixture
def heard(tmp_path):
    """Run the real stages with settings; returns what each component was given."""

    def run(*overrides, boxes=2):
        HEARD.clear()
        view = table_view(ball_and_block())
        view = view.replace(boxes=view.boxes[:boxes], masks=view.masks[:boxes])
        run_pipeline(read_config(SETTINGS, overrides), view, tmp_path / "run", cache=None, report=False)
        return {slot: list(calls) for slot, calls in HEARD.items()}

    return run


def seeds(heard):
    return [call["seed"] for calls in heard.values() for call in calls if "seed" in call]


def given(heard, name):
    return {slot: calls[0][name] for slot, calls in heard.items() if name in calls[0]}


def test_the_seed_reaches_everything_random_and_no_two_draw_the_same(heard, tmp_path):
    first, other = heard("seed=7"), heard("seed=8")
    assert {slot: len(calls) for slot, calls in first.items() if "seed" in calls[0]} == {
        "detector": 1, "segmenter": 1, "shape": 2, "policy": 1, "simulator": 1
    }  # fmt: skip
    assert len({*seeds(first), *seeds(other)}) == 12
    (tmp_path / "run").rename(tmp_path / "earlier")
    assert seeds(heard("seed=7")) == seeds(first)


def test_another_box_leaves_the_draws_of_the_others(heard, tmp_path):
    alone = heard(boxes=1)
    (tmp_path / "run").rename(tmp_path / "earlier")
    both = heard(boxes=2)
    assert both["shape"][0]["seed"] == alone["shape"][0]["seed"] != both["shape"][1]["seed"]


def test_noise_and_hand_given_once_reach_whoever_needs_them(heard):
    told = heard("noise.floor=0.01", "hand.opening=0.05")
    noise, hand = SensorNoise(floor=0.01), ParallelJaw(opening=0.05)
    assert given(told, "noise") == dict.fromkeys(("detector", "segmenter", "shape"), noise)
    assert given(told, "hand") == dict.fromkeys(("policy", "simulator", "robot"), hand)


def _names(node):
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _names(item)


@pytest.mark.parametrize("overrides", [(), ("detector=depth-clusters", "shape=ellipsoid", "policy=top-down")])
def test_a_written_config_has_each_value_once(overrides):
    names = list(_names(parse_yaml(read_config("reference", [*overrides, "seed=7"]).to_yaml())))
    assert [names.count(name) for name in ("seed", "noise", "hand")] == [1, 1, 1]


@pytest.mark.parametrize("slot", plugins.SLOTS)
def test_no_built_in_component_has_a_copy_of_its_own(slot):
    ours = [plugins.load(slot, offer.name) for offer in plugins.offers(slot) if offer.distribution == "dig-framework"]
    assert ours
    for component in ours:
        fields = component.model_fields
        assert not {"seed", "noise", "hand"} & set(fields), component
        assert not [name for name, field in fields.items() if field.annotation in (SensorNoise, ParallelJaw)], component


@pytest.mark.parametrize("override", ["segmenter.seed=1", "segmenter.noise.floor=1e-3", "robot.hand.opening=0.05"])
def test_a_copy_is_refused(override):
    with pytest.raises(ConfigError, match="no setting is called"):
        read_config("reference", [override])


@pytest.mark.parametrize(
    ("override", "concerned"),
    [
        ("seed=1", ["segment", "initialize", "uncertainty", "grasp"]),
        ("noise.floor=0.01", ["segment", "initialize", "fit", "deform", "uncertainty"]),
        ("hand.opening=0.05", ["grasp", "execute"]),
    ],
)
def test_keys_change_where_a_value_is_used_and_nowhere_else(override, concerned):
    def keys(*overrides):
        config = read_config("reference", overrides)
        return {
            stage.name: stage_key(stage, stage.settings(config), dict.fromkeys(stage.needs, "same")) for stage in STAGES
        }

    before, after = keys(), keys(override)
    assert [name for name in before if before[name] != after[name]] == concerned


def test_another_seed_is_another_start_and_the_same_seed_the_same_bits():
    view = table_view(ball_and_block())
    segmentation = Segmentation(view.masks, None)
    first, again, other = (
        initialize(view, segmentation, Ellipsoid(points=100, steps=5), SensorNoise(), seed) for seed in (7, 7, 8)
    )
    for mine, same, changed in zip(first.objects, again.objects, other.objects, strict=True):
        assert torch.equal(mine.mesh.vertices, same.mesh.vertices)
        assert not torch.equal(mine.mesh.vertices, changed.mesh.vertices)


def test_derived_seeds_are_those_of_every_machine():
    # The first 31 bits of the SHA-256 of '[7, "initialize", "shape", 2]':
    # printf '[7, "initialize", "shape", 2]' | sha256sum
    assert derived_seed(7, "initialize", "shape", 2) == 1037354033
    assert derived_seed(0, "a", 11) != derived_seed(0, "a1", 1)
    many = {derived_seed(run, use, index) for run in range(5) for use in ("shape", "policy") for index in range(100)}
    assert len(many) == 1000
    assert 0 <= min(many) <= max(many) < 2**31
