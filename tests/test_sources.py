"""Which files a result depends on."""

import importlib
import os

import pytest

from dig_framework.sources import source_digest

FILES = {
    "my_shapes.py": "import json, torch\nfrom my_geometry import SCALE\n"
    "from my_package import inner\nimport my_space.far\n",
    "my_geometry.py": "SCALE = 1\ndef late():\n    import my_late\n",
    "my_late.py": "import my_geometry\n",
    "my_package/__init__.py": "FACTOR = 1\n",
    "my_package/inner.py": "from . import cousin\nfrom .deep.well import WATER\n",
    "my_package/cousin.py": "",
    "my_package/deep/__init__.py": "",
    "my_package/deep/well.py": "from ..other import X as WATER\n",
    "my_package/other.py": "X = 1\n",
    "my_space/far.py": "",
}
UNRELATED = {"my_notes.py": "", "my_package/apart.py": "", "site-packages/my_installed.py": ""}


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in {**FILES, **UNRELATED}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    return tmp_path


def changed(project, name):
    """Return whether the digest of `my_shapes` changes with a file."""
    before = source_digest({"my_shapes"})
    path = project / name
    path.write_text(path.read_text() + "# another thought\n")
    os.utime(path, (1, 1))
    return source_digest({"my_shapes"}) != before


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_counts_wherever_it_is(project, name):
    assert changed(project, name)


@pytest.mark.parametrize("name", UNRELATED)
def test_what_is_not_imported_does_not_count(project, name):
    (project / "my_geometry.py").write_text("import my_installed\n")
    assert not changed(project, name)


def test_a_module_that_cannot_be_parsed_counts_by_its_bytes(project):
    (project / "my_late.py").write_text("this is no (python\n")
    assert changed(project, "my_late.py")


def test_following_imports_nothing(project):
    (project / "my_late.py").write_text("raise SystemError\n")
    assert source_digest({"my_shapes"})
    with pytest.raises(SystemError):
        importlib.import_module("my_late")
