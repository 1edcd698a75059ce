import pytest
from tiny_pipeline import SETTINGS, TinyRenderer, TinySchedule

from dig_framework.config import PipelineConfig
from dig_framework.config_reading import preset_names, read_config
from dig_framework.errors import ConfigError, ConfigUsageError
from dig_framework.yaml_files import format_yaml, parse_yaml


def explained(*overrides, **settings):
    with pytest.raises(ConfigError) as caught:
        read_config({**SETTINGS, **settings}, overrides)
    return str(caught.value)


def test_yaml_repeats_a_config():
    config = read_config(SETTINGS, ["fit_schedule.steps=7", "seed=5", "noise.floor=1e-3"])
    again = read_config(parse_yaml(config.to_yaml()))
    assert again == config
    assert again.to_yaml() == config.to_yaml()


def test_a_dump_names_every_setting():
    dump = parse_yaml(read_config(SETTINGS).to_yaml())
    assert list(dump) == [field.alias or name for name, field in PipelineConfig.model_fields.items()]
    assert dump["fit_schedule"] == {"type": "tiny_pipeline:TinySchedule", "steps": 3, "rates": [0.001, 0.002]}
    assert dump["schema"] == 1
    assert "extends" not in dump


@pytest.mark.parametrize("text", ["1e-3", "1E3", "+1e3", "-.5", "1.5"])
def test_numbers_are_read_as_everybody_writes_them(text):
    assert parse_yaml(f"x: {text}") == {"x": float(text)}
    assert parse_yaml(format_yaml({"x": text})) == {"x": text}


def test_yaml_makes_no_objects(tmp_path):
    path = tmp_path / "evil.yaml"
    path.write_text("seed: !!python/object/apply:os.getpid []\n")
    with pytest.raises(ConfigError, match=r"evil\.yaml: is no plain YAML"):
        read_config(path)


@pytest.mark.parametrize(
    ("override", "reach", "value"),
    [
        ("segmenter.grow=2", lambda c: c.segmenter.grow, 2),
        ("fit_schedule.rates.1=5e-4", lambda c: c.fit_schedule.rates, (1e-3, 5e-4)),
        ("fit_schedule.rates=[1, 2]", lambda c: c.fit_schedule.rates, (1.0, 2.0)),
        ("hand.opening=0.1", lambda c: c.hand.opening, 0.1),
        ("fit_schedule=null", lambda c: c.fit_schedule, None),
        ("renderer.type=tiny_pipeline:BlindRenderer", lambda c: type(c.renderer).__name__, "BlindRenderer"),
    ],
)
def test_overrides(override, reach, value):
    others = ["fit_schedule=null"] if "Blind" in override else []
    assert reach(read_config(SETTINGS, [*others, override])) == value


def test_another_type_drops_the_settings_of_the_old():
    config = read_config({**SETTINGS, "shape": {"type": "tiny_pipeline:TinyShape", "size": 0.2}},
                         ["shape.type=tiny_pipeline:TinyShape"])  # fmt: skip
    assert config.shape.size == 0.05


def test_later_overrides_win():
    assert read_config(SETTINGS, ["seed=1", "seed=2"]).seed == 2


def test_python_instances_are_taken():
    config = read_config({**SETTINGS, "fit_schedule": TinySchedule(steps=9)}, ["fit_schedule.rates.0=3.0"])
    assert config.fit_schedule == TinySchedule(steps=9, rates=(3.0, 2e-3))
    assert config.with_settings({"renderer": TinyRenderer(), "seed": 4}).seed == 4


MESSAGES = {
    ("segmenter.grow=9",): "config: segmenter.grow: input should be less than or equal to 5, not 9 "
    "(set by -s segmenter.grow=9)",
    ("fit_schedule.stepss=1",): "config: fit_schedule.stepss: no setting is called 'stepss'. Did you mean 'steps'? "
    "TinySchedule has: steps, rates. (set by -s fit_schedule.stepss=1)",
    ("noise.flor=1",): "config: noise.flor: no setting is called 'flor'. Did you mean 'floor'? "
    "SensorNoise has: floor, quadratic, near. (set by -s noise.flor=1)",
    ("noize.floor=1",): "-s noize.floor=1: no setting is called 'noize'. Did you mean 'noise'?",
    ("fit_schedule.rates.7=1",): "-s fit_schedule.rates.7=1: '7' is no position in a list of 2; they count from 0.",
    ("robot.speed=1",): "-s robot.speed=1: there is nothing to set in null; choose a component first.",
    ("seed",): "-s wants key=value, such as renderer=soft; it was given 'seed'.",
    ("seed=[",): "-s seed=[: the value is no plain YAML: while parsing a flow node expected the node content, "
    "but found '<stream end>' in \"<unicode string>\", line 1, column 2: [ ^.",
    ("shape=null",): "config: shape: a shape is a name or a mapping with 'type', not None (set by -s shape=null)",
    ("schema=2",): "config: schema: input should be 1, not 2 (set by -s schema=2)",
    ("renderer=tiny_pipeline:Tiny",): "config: renderer: renderer 'tiny_pipeline:Tiny' does not import: "
    "AttributeError: module 'tiny_pipeline' has no attribute 'Tiny' (set by -s renderer=tiny_pipeline:Tiny)",
}


@pytest.mark.parametrize("overrides", MESSAGES, ids=lambda given: given[0])
def test_error_messages(overrides):
    assert explained(*overrides) == MESSAGES[overrides]


def test_every_error_is_told_at_once():
    assert explained(seed=-1, name="").splitlines() == [
        "config: name: string should have at least 1 character, not ''",
        "config: seed: input should be greater than or equal to 0, not -1",
    ]


def test_a_bad_phase_is_one_error():
    phase = {"name": "a", "parameters": ["objects.*"]}
    assert explained(fit_schedule={"type": "phases", "phases": [phase]}) == (
        "config: fit_schedule.phases.0.loss: is missing"
    )
    assert explained(fit_schedule={"type": "phases", "phases": []}) == (
        "config: fit_schedule.phases: holds 0, but at least 1 must be in it"
    )


def test_file_errors_name_the_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(format_yaml({**SETTINGS, "seeed": 3}))
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert str(caught.value).startswith(f"{path}: seeed: no setting is called 'seeed'. Did you mean 'seed'?")


def test_a_file_extends_another(tmp_path):
    (tmp_path / "first.yaml").write_text(format_yaml({**SETTINGS, "seed": 3}))
    shape = {"type": "tiny_pipeline:TinyShape", "size": 1}
    (tmp_path / "second.yaml").write_text(format_yaml({"extends": str(tmp_path / "first.yaml"), "shape": shape}))
    config = read_config(tmp_path / "second.yaml")
    assert (config.seed, config.shape.size, config.name) == (3, 1.0, "second")


def test_extending_in_circles(tmp_path):
    (tmp_path / "a.yaml").write_text(f"extends: {tmp_path}/a.yaml\n")
    with pytest.raises(ConfigError, match="extends itself by way of"):
        read_config(tmp_path / "a.yaml")


def test_unknown_preset():
    with pytest.raises(ConfigError) as caught:
        read_config("referense")
    assert str(caught.value).startswith("no preset is called 'referense'. Did you mean 'reference'? Presets: ")


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no config file .*none\.yaml\. Presets: "):
        read_config(tmp_path / "none.yaml")


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_complete(name):
    config = read_config(name)
    assert config.name == name
    again = read_config(parse_yaml(config.to_yaml()))
    assert again == config
    assert again.to_yaml() == config.to_yaml()


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (
            ["renderer.shadows=true", "renderer.silhouettes=neighbours"],
            "renderer: shadows are not drawn with silhouettes = 'neighbours'; set 'walked' or 'hard' "
            "(set by -s renderer.silhouettes=neighbours)",
        ),
        (
            ["renderer.near=.inf"],
            "renderer.near: input should be a finite number, not inf (set by -s renderer.near=.inf)",
        ),
        (["renderer.background=[.nan, 0, 0]"], "renderer.background.0: input should be a finite number, not nan"),
    ],
)
def test_overrides_that_do_not_fit_are_named(overrides, sentence):
    with pytest.raises(ConfigUsageError) as error:
        read_config("quickstart", overrides)
    assert sentence in str(error.value)
