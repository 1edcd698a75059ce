"""Launchers against their suite, and suites against launchers that are wrong."""

import contextlib
import os
import subprocess
import sys

import pytest

from dig_framework.builtin.launcher_inline import Inline
from dig_framework.builtin.launcher_local import LocalProcesses
from dig_framework.interfaces import Ended, Job, Launcher
from dig_framework.testing import LauncherConformance


class TestInline(LauncherConformance):
    component = Inline()


class TestLocalProcesses(LauncherConformance):
    component = LocalProcesses()


class TestOneWorker(LauncherConformance):
    component = LocalProcesses(workers=1)


class Optimist(Launcher):
    """Reports success whatever happens, and abandons what runs."""

    def launch(self, jobs):
        running = []
        for job in jobs:
            job.log.parent.mkdir(parents=True, exist_ok=True)
            with job.log.open("wb") as log, contextlib.suppress(OSError):
                running.append(subprocess.Popen(job.command, stdout=log, start_new_session=True))
            yield Ended(job.name, 0)
        for process in running:
            process.wait()


@pytest.mark.parametrize("check", ["test_statuses", "test_signal", "test_missing_program", "test_logs"])
def test_a_launcher_that_hides_failures_fails(check):
    suite = type("Suite", (LauncherConformance,), {"component": Optimist()})()
    with pytest.raises(AssertionError):
        getattr(suite, check)()


def test_local_processes_run_at_the_same_time(tmp_path):
    meet = "while [ ! -e {other} ]; do sleep 0.01; done"
    scripts = {name: f"touch {tmp_path / name}; {meet.format(other=tmp_path / other)}" for name, other in ("ab", "ba")}
    jobs = [Job(name, ("sh", "-c", script), tmp_path / f"{name}.log") for name, script in scripts.items()]
    # Each waits for the other, so one at a time would never end.
    assert {ended.code for ended in LocalProcesses(workers=2).launch(jobs)} == {0}


def test_an_exception_in_the_caller_ends_what_runs(tmp_path):
    child = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(300)"
    jobs = [
        Job("quick", ("sh", "-c", f"while [ ! -s {tmp_path}/pid ]; do sleep 0.01; done"), tmp_path / "quick.log"),
        Job("slow", (sys.executable, "-c", child), tmp_path / "slow.log"),
    ]

    def consume():
        with contextlib.closing(LocalProcesses(workers=2).launch(jobs)) as ended:
            for _ in ended:
                raise KeyError

    with pytest.raises(KeyError):
        consume()
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
