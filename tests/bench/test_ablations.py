"""Every ablation is a config that changes what it says, and nothing else."""

from pathlib import Path

import pytest

from dig_framework.bench.reconstruction_ablations import ablation_methods, ablation_tables
from dig_framework.bench.reconstruction_conditions import Condition, Source
from dig_framework.bench.reconstruction_runs import Judged
from dig_framework.config_reading import read_config
from dig_framework.errors import InputError
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.yaml_files import parse_yaml

FOLDER = Path(__file__).parents[2] / "examples" / "ablations"
PATHS = sorted(FOLDER.glob("*.yaml"))


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        return {key: leaf for name, inner in value.items() for key, leaf in leaves(inner, (*path, str(name))).items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {key: leaf for n, inner in enumerate(value) for key, leaf in leaves(inner, (*path, str(n))).items()}
    return {path: value}


def changes(path):
    before, after = (leaves(read_config(source).model_dump(mode="json")) for source in ("reference", path))
    return {key for key in {*before, *after} if before.get(key, "absent") != after.get(key, "absent")} - {("name",)}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_ablation_changes_what_it_says_and_nothing_else(path):
    text = path.read_text()
    said = parse_yaml(text)
    assert text.startswith("# ")
    assert len(text.splitlines()) <= 8
    assert said.pop("extends") == "reference"
    setting = said.pop("set", {})
    found = changes(path)
    assert found
    assert {key[0] for key in found if key[0] in said} == set(said)
    for key in found:
        assert key[0] in said or any(fits(key, pattern.split(".")) for pattern in setting), key
    for pattern in setting:
        assert any(fits(key, pattern.split(".")) for key in found), pattern


def fits(key, steps):
    """Whether a place in a config ends as a pattern does; what stands between them is a phase's number or a glob."""
    return len(key) == len(steps) and key[-1] == steps[-1] and key[0].endswith(steps[0].lstrip("*"))


def test_all_are_methods_by_file_name():
    assert [method.name for method in ablation_methods(FOLDER)] == [path.stem for path in PATHS]
    assert all(method.stages for method in ablation_methods(FOLDER))


def test_a_folder_without_configs_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.yaml"):
        ablation_methods(tmp_path)


def test_changes_are_paired_with_the_base(tmp_path):
    (tmp_path / "bare.yaml").write_text("extends: reference\ndeformation: null\ndeform_schedule: null\n")
    asked = {}

    def scored(condition, methods):
        asked.update({method.name: method.stages for method in methods})
        return {
            method.name: [judged(method.name, name, worse) for name in "ab"] for worse, method in enumerate(methods)
        }

    def judged(method, scene, worse):
        values = {"iou": 0.8 - 0.1 * worse, "chamfer": 0.002, "hidden": 0.003 + 0.001 * worse, "visible": 0.001}
        item = ObjectRecord(scene, "thing", 0, None, 0.1, None, values)
        return Judged("tiny", method, "deform", scene, SceneRecord(scene, None, (item,)), 3.0)

    condition = Condition("tiny", "Tiny", lambda source: iter(()))
    (table,) = ablation_tables(tmp_path, [condition], Source(tmp_path), scored)
    assert asked == {"reference": ("deform",), "bare": ("fit",)}
    base, bare = table.rows
    assert base == {"config": "reference", "vIoU mean": pytest.approx(0.8), "seconds": 3.0}
    assert bare["vIoU"] == pytest.approx(-0.1)
    assert bare["hidden [mm]"] == bare["hidden [mm] low"] == bare["hidden [mm] high"] == pytest.approx(1.0)
    assert bare["visible [mm]"] == 0
