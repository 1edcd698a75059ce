"""Every ablation is a config that changes what it says, and nothing else."""

from pathlib import Path

import pytest

from dig_framework.bench.reconstruction_ablations import ablation_methods
from dig_framework.config_reading import read_config
from dig_framework.errors import InputError
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
