"""What the project's own files say about each other."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest

from dig_framework.fitting.terms import TERMS
from dig_framework.plugins import SLOTS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONSTRAINTS = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.M))


def bare_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return found.group().lower().replace("_", "-")


def listed(text: str, heading: str) -> set[str]:
    """Return the code spans in the first column of the table below a heading."""
    table = text.split(heading, 1)[1].split("\n\n|", 1)[1].split("\n\n", 1)[0]
    return set(re.findall(r"^\|? ?`([^`]+)`", table, re.M))


def test_every_dependency_has_a_tested_version():
    groups = [item for group in PROJECT["dependency-groups"].values() for item in group if isinstance(item, str)]
    wanted = {bare_name(item) for item in [*PROJECT["project"]["dependencies"], *groups]}
    assert wanted <= set(CONSTRAINTS)


def test_torch_is_pinned_to_a_version_that_any_build_satisfies():
    assert re.fullmatch(r"[0-9.]+", CONSTRAINTS["torch"])


def test_the_readme_lists_what_is_built_in():
    readme = (ROOT / "README.md").read_text()
    table = readme.split("| slot | built in |", 1)[1].split("\n\n", 1)[0]
    named = set(re.findall(r"`([^`]+)`", table))
    groups = PROJECT["project"]["entry-points"]
    assert named == {name for slot in SLOTS for name in groups[f"dig_framework.{slot}"]}


def test_every_loss_term_is_documented():
    assert listed((ROOT / "docs/pipeline.md").read_text(), "## The objective") == set(TERMS)


def test_every_slot_has_a_page():
    assert {path.stem for path in (ROOT / "docs/slots").glob("*.md")} == {*SLOTS, "index"}


def test_tox_tests_every_plugin():
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    environments = tox["tox"]["env_list"].replace(",", " ").split()
    folders = {path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")}
    assert {name.removeprefix("plugin-") for name in environments if name.startswith("plugin-")} == folders


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_readme_has_one_line_for_each_command(name):
    readme = (ROOT / "README.md").read_text()
    block = readme.split(f"<!-- command: {name} -->\n```bash\n", 1)[1].split("```", 1)[0]
    assert block.startswith("python3 -m venv .venv && ")
    assert block.count("\n") == 1


def test_modules_are_named_after_what_is_in_them():
    banned = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
    found = [path for path in (ROOT / "dig_framework").rglob("*.py") if path.stem in banned]
    assert not found
