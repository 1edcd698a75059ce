"""From `plugins new` to installed components that pass their suites, without editing a line.

Installs into the running Python, so it is no part of the core's tests; `tox -e template` runs it, with the built wheel.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dig_framework.plugins import SLOTS

NAMES = [f"my-{slot}" for slot in SLOTS]
DIG = (sys.executable, "-m", "dig_framework.cli")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def run(*command: str, folder: Path) -> str:
    """Run a command in a folder and return what it printed; its failure is the test's."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with one new distribution for every slot, all of them installed."""
    place = tmp_path_factory.mktemp("plugins")
    for slot, name in zip(SLOTS, NAMES, strict=True):
        run(*DIG, "plugins", "new", name, "--slot", slot, folder=place)
    editable = [word for name in NAMES for word in ("-e", name)]
    run(*PIP, "install", "-q", "--no-deps", "--no-build-isolation", *editable, folder=place)
    yield place
    run(*PIP, "uninstall", "-q", "-y", *NAMES, folder=place)


def test_every_new_component_is_listed(folder: Path) -> None:
    """One for each slot, under its name."""
    listed = run(*DIG, "plugins", folder=folder)
    assert [name for name in NAMES if f" {name} " not in listed] == []


def test_every_new_distribution_passes_its_own_tests(folder: Path) -> None:
    """All suites pass; nothing fails."""
    printed = run(sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", *NAMES, folder=folder)
    assert " passed" in printed.splitlines()[-1]


def test_a_new_component_is_checked_without_pytest(folder: Path) -> None:
    """`plugins check` runs the same suite and counts no failure."""
    assert " 0 failed" in run(*DIG, "plugins", "check", "my-deformation", folder=folder)
