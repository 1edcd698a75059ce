"""Every numbered example runs to its end, as a user runs it, and prints something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted(Path(__file__).parent.glob("[0-9][0-9]_*.py"))


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(script: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The script ends well and prints something."""
    cache = tmp_path_factory.getbasetemp() / "cache"
    environment = {**os.environ, "DIG_CACHE": str(cache), "PYTHONWARNINGS": "error::UserWarning:dig_framework"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip()
