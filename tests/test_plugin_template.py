import importlib
import re
import sys
import tomllib

import pytest

from dig_framework.cli import main
from dig_framework.errors import ComponentError
from dig_framework.plugin_template import template_folder, write_plugin
from dig_framework.plugins import SLOTS, load
from dig_framework.testing import suite_for


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write the template for a slot and put its source on the path."""

    def write(slot):
        folder = write_plugin("my-own", slot, tmp_path / "my-own")
        monkeypatch.syspath_prepend(folder / "src")
        monkeypatch.syspath_prepend(folder / "tests")
        return folder

    yield write
    for name in ("my_own", "test_my_own"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_has_a_template(written, slot):
    folder = written(slot)
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["entry-points"] == {f"dig_framework.{slot}": {"my-own": "my_own:MyOwn"}}
    assert project["project"]["name"] == "my-own"
    component = load(slot, "my_own:MyOwn")
    assert component.__name__ == "MyOwn"
    suite = importlib.import_module("test_my_own").TestMyOwn
    assert issubclass(suite, suite_for(slot))
    assert isinstance(suite.component, component)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert [name for name in files if "__pycache__" not in name] == [
        "README.md",
        "pyproject.toml",
        "src/my_own/__init__.py",
        "tests/test_my_own.py",
    ]
    for name in files:
        if "__pycache__" not in name:
            assert not re.search("example", (folder / name).read_text(), re.IGNORECASE), name


def test_a_small_component_of_the_template_passes_its_suite(written):
    written("deformation")
    suite = importlib.import_module("test_my_own").TestMyOwn()
    for check in suite.checks():
        getattr(suite, check)()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("My Own", "'My Own' is no name for a distribution; use small letters, digits and single hyphens."),
        ("json", "there already is a module 'json'; choose another name, such as 'my-json'."),
        ("class", "'class' is a word of Python itself; choose another name, such as 'my-class'."),
        ("none", "'none' is a word of Python itself; choose another name, such as 'my-none'."),
        (
            "mesh",
            "'mesh' would make a class 'Mesh', which already means something there; choose another name, such as "
            "'my-mesh'.",
        ),
        (
            "warning",
            "'warning' would make a class 'Warning', which already means something there; choose another name, "
            "such as 'my-warning'.",
        ),
        ("affine", "there already is a deformation called 'affine'; choose another name, such as 'my-affine'."),
    ],
)
def test_names_that_cannot_be(tmp_path, name, text):
    with pytest.raises(ComponentError) as caught:
        write_plugin(name, "deformation", tmp_path / "new")
    assert str(caught.value) == text
    assert not (tmp_path / "new").exists()


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ComponentError, match="is not empty"):
        write_plugin("my-own", "launcher", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_makes_a_folder_of_that_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plugins", "new", "my-own", "--slot", "launcher"]) == 0
    assert (tmp_path / "my-own" / "pyproject.toml").exists()
    assert capsys.readouterr().out.startswith("my-own\nnext: cd my-own && ")


def test_the_example_offers_every_slot():
    project = tomllib.loads((template_folder() / "pyproject.toml").read_text())
    assert list(project["project"]["entry-points"]) == [f"dig_framework.{slot}" for slot in SLOTS]
