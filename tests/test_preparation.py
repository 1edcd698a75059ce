"""Components prepare themselves in another process, which a run neither waits for in vain nor leaves behind."""

import contextlib
import os
import sys
import time
from pathlib import Path

import pytest

from dig_framework.interfaces import Renderer
from dig_framework.preparation import Preparation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")

MODULE = '''
import os, pathlib, time
from dig_framework.interfaces import Renderer

class Slow(Renderer):
    """Needs a while."""
    note: str = ""
    seconds: float = 0.0
    flaw: str = ""

    def render(self, scene, camera):
        raise RuntimeError("draws nothing")

    def needs_preparation(self):
        return self.note != "" and not pathlib.Path(self.note).exists()

    def prepare(self):
        if self.flaw:
            raise RuntimeError(self.flaw)
        time.sleep(self.seconds)
        pathlib.Path(self.note).write_text(str(os.getpid()))
'''


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """A component of a module that only this test knows, in the working directory of both processes."""
    (tmp_path / "slowly.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda **settings: Renderer.model_validate({"type": "slowly:Slow", **settings})


def children():
    """Processes that still run a preparation of this test's component."""
    processes = [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.name != str(os.getpid())]
    return [path for path in processes if b"slowly:Slow" in (path.read_bytes() if path.exists() else b"")]


def test_it_happens_in_another_process(slow, tmp_path):
    component = slow(note=str(tmp_path / "note"))
    with Preparation([component]) as preparation:
        preparation.wait([3, component])
    assert int((tmp_path / "note").read_text()) != os.getpid()


def test_what_is_not_waited_for_is_ended(slow, tmp_path):
    component = slow(note=str(tmp_path / "note"), seconds=600.0)
    started = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt), Preparation([component]) as preparation:
        preparation.wait([slow(note="another")])
        raise KeyboardInterrupt
    assert time.monotonic() - started < 60
    assert not children()
    assert not (tmp_path / "note").exists()


def test_failure_is_left_to_whoever_needs_it(slow, tmp_path, capfd):
    component = slow(note=str(tmp_path / "note"), flaw="no compiler")
    with Preparation([component]) as preparation:
        preparation.wait([component])
    assert not (tmp_path / "note").exists()
    assert capfd.readouterr() == ("", "")


def test_nothing_is_started_that_is_not_needed(slow, tmp_path):
    (tmp_path / "note").write_text("done")
    with Preparation([slow(note=str(tmp_path / "note")), slow()]) as preparation:
        assert not children()
        preparation.wait([slow()])
