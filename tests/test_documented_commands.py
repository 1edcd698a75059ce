"""Every command line and configuration that the documentation shows is one that the program takes."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from dig_framework.cli import parser
from dig_framework.component_settings import made
from dig_framework.config_reading import preset_names, read_config
from dig_framework.plugins import offers
from dig_framework.yaml_files import parse_yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/slots").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def command_lines(text):
    """Return the words after `dig-framework` of every command that is shown, in blocks and in sentences."""
    shown = [line for kind, block in BLOCK.findall(text) if kind == "bash" for line in block.splitlines()]
    shown += [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text))]
    parts = [part for line in shown for part in re.split(r"&&", line)]
    words = [shlex.split(part, comments=True) for part in parts if re.search(r"(^|[ /])dig-framework ", part)]
    return [line[next(i for i, word in enumerate(line) if word.endswith("dig-framework")) + 1 :] for line in words]


def settings_in_sentences(text):
    return re.findall(r"-s ([\w.-]+=[^\s`]+)", BLOCK.sub("", text))


def listed(collect):
    found = [(page.name, item) for page in PAGES for item in collect(page.read_text())]
    return [pytest.param(item, id=f"{name}: {str(item)[:60]}") for name, item in found]


def yaml_blocks(text):
    return [block for kind, block in BLOCK.findall(text) if kind == "yaml"]


@pytest.fixture
def shown_modules(tmp_path, monkeypatch):
    """The modules that the pages name: one from its text, one that any backend could be in."""
    blocks = [block for _, block in BLOCK.findall((ROOT / "docs/plugin.md").read_text())]
    (source,) = [block for block in blocks if block.startswith("# my_shapes.py")]
    (tmp_path / "my_shapes.py").write_text(source)
    (tmp_path / "my_module.py").write_text(
        "from dig_framework.builtin.simulator_quasi_static import QuasiStatic as MySimulator\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("my_shapes", "my_module"):
        sys.modules.pop(name, None)


def test_there_is_something_to_check():
    commands = [words for page in PAGES for words in command_lines(page.read_text())]
    assert {"run", "plugins", "show", "doctor", "demo"} <= {words[0] for words in commands if words}
    assert sum(page.read_text().count("-s renderer") for page in PAGES) > 0
    assert any(yaml_blocks(page.read_text()) for page in PAGES)


@pytest.mark.parametrize("words", listed(command_lines))
def test_command(words, shown_modules):
    if "..." in words or words == ["--help"]:
        pytest.skip("an abbreviation")
    given = parser().parse_args(words)
    if words[0] == "run":
        read_config(given.config if given.config in preset_names() else "reference", given.settings)
    installed = {(offer.slot, offer.name): offer for offer in offers()}
    if words[:2] == ["plugins", "show"]:
        assert (given.slot, given.name) in installed
    if words[:2] == ["plugins", "check"] and given.name in {name for _, name in installed}:
        (offer,) = [offer for (_, name), offer in installed.items() if name == given.name]
        made(offer.load(), given.settings)


@pytest.mark.parametrize("setting", listed(settings_in_sentences))
def test_setting(setting, shown_modules):
    read_config("reference", [setting])


@pytest.mark.parametrize("block", listed(yaml_blocks))
def test_configuration(block, shown_modules):
    read_config(parse_yaml(block))
