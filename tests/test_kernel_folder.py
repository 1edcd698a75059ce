"""Machine code is kept where it can be, and never that of other sources."""

import os
import subprocess
import sys
import textwrap

import pytest


def package(root, value, place="dig_framework"):
    """A package of that name whose kernel in one file calls a kernel in another."""
    import shutil
    from pathlib import Path

    import dig_framework

    folder = root / place
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("kernel.py", "kernel_folder.py"):
        shutil.copy(Path(dig_framework.__file__).parent / name, folder / name)
    (folder / "__init__.py").touch()
    (folder / "inner.py").write_text(
        textwrap.dedent(
            f"""
            from dig_framework.kernel import kernel

            @kernel
            def inner(x):
                return x + {value}
            """
        )
    )
    (folder / "outer.py").write_text(
        textwrap.dedent(
            """
            from dig_framework.kernel import kernel
            from dig_framework.inner import inner

            @kernel
            def outer(x):
                return inner(x)
            """
        )
    )


SCRIPT = """
from dig_framework.kernel_folder import compiled_before, kernel_folder, note_compiled
from dig_framework.outer import outer
print(outer(1.0), len(outer.stats.cache_hits), compiled_before("family"), kernel_folder())
note_compiled("family")
"""


def run(root, **environment):
    own = {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(root), **environment}
    kept = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**kept, **own}, cwd=root, capture_output=True, text=True, check=True
    )
    value, hits, known, folder = done.stdout.split()
    return float(value), int(hits), known == "True", folder


@pytest.mark.parametrize("chosen", [False, True])
def test_a_change_in_another_file_is_noticed(tmp_path, chosen):
    environment = {"NUMBA_CACHE_DIR": str(tmp_path / "machine code")[:-5]} if chosen else {}
    package(tmp_path, 1)
    assert run(tmp_path, **environment)[:3] == (2.0, 0, False)
    assert run(tmp_path, **environment)[:3] == (2.0, 1, True)
    package(tmp_path, 5)
    assert run(tmp_path, **environment)[:3] == (6.0, 0, False)


def test_what_is_elsewhere_is_not_taken_for_compiled(tmp_path):
    package(tmp_path, 1)
    run(tmp_path)
    assert run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "empty"))[1:3] == (0, False)


def test_a_place_that_cannot_be_written_is_passed_over(tmp_path):
    package(tmp_path, 1)
    (tmp_path / "dig_framework" / "__pycache__").write_text("a file where a folder should be")
    value, _, known, folder = run(tmp_path)
    assert (value, known) == (2.0, False)
    assert folder.startswith(str(tmp_path / ".cache"))


def test_without_any_place_it_works_all_the_same(tmp_path):
    package(tmp_path, 1)
    (tmp_path / "taken").write_text("a file")
    assert run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "taken"))[::2] == (2.0, True)
    assert run(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "taken"))[3] == "None"
