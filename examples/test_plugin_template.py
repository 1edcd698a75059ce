"""From `plugins new` to an installed component that passes its suite, without editing a line.

Installs into the running Python, so it is no part of the core's tests; `tox -e template` runs it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from dig_framework.plugins import SLOTS


def run(*command: str, folder: Path) -> str:
    """Run a command in a folder and return what it printed; its failure is the test's."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.parametrize("slot", SLOTS)
def test_template_is_green_from_the_start(slot: str, tmp_path: Path) -> None:
    """Its own tests pass, it is listed under its name, and `plugins check` finds nothing wrong."""
    name = f"my-{slot}"
    dig = (sys.executable, "-m", "dig_framework.cli")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*dig, "plugins", "new", name, "--slot", slot, folder=tmp_path)
    run(*pip, "install", "-q", "--no-deps", "--no-build-isolation", "-e", name, folder=tmp_path)
    try:
        assert " passed" in run(sys.executable, "-m", "pytest", "-q", folder=tmp_path / name)
        assert name in run(*dig, "plugins", folder=tmp_path)
        checked = run(*dig, "plugins", "check", name, folder=tmp_path)
        assert "passed" in checked
        assert ", 0 failed" in checked
    finally:
        run(*pip, "uninstall", "-q", "-y", name, folder=tmp_path)
