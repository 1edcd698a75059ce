"""What every launcher must do."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import ClassVar, cast

from dig_framework.interfaces import Ended, Job, Launcher
from dig_framework.testing.conformance import Conformance

_PATIENCE = 20.0
"""Longest that a process may take to come or go [s]."""


class LauncherConformance(Conformance):
    """Exit statuses, logs, order and ending of jobs. The jobs are tiny shell scripts."""

    component: ClassVar[Launcher]  # pyright: ignore[reportIncompatibleVariableOverride]

    def test_statuses(self) -> None:
        """Every job is reported once, with its exit status."""
        with _folder() as folder:
            codes = [0, 1, 7, 0]
            ended = self._launched([_job(folder, f"job{i}", f"exit {code}") for i, code in enumerate(codes)])
        expected = {f"job{i}": code for i, code in enumerate(codes)}
        assert len(ended) == len(codes), f"{len(ended)} of {len(codes)} jobs were reported: {ended}"
        assert dict(ended) == expected, f"jobs ended with {dict(ended)} instead of {expected}"

    def test_signal(self) -> None:
        """A job that dies of a signal is reported with the signal's negative number, and the others go on."""
        with _folder() as folder:
            jobs = [_job(folder, "killed", "kill -9 $$"), _job(folder, "after", "exit 0")]
            ended = dict(self._launched(jobs))
        expected = {"killed": -signal.SIGKILL, "after": 0}
        assert ended == expected, f"jobs ended with {ended} instead of {expected}"

    def test_missing_program(self) -> None:
        """A command that does not start is a failed job with a log, not an exception."""
        with _folder() as folder:
            job = Job("missing", (str(folder / "no-such-program"),), folder / "missing.log")
            ended = self._launched([job, _job(folder, "after", "exit 0")])
            log = job.log.read_text() if job.log.exists() else ""
        codes = dict(ended)
        assert codes.get("missing", 0) != 0, f"a missing program ended with {codes.get('missing')}"
        assert codes.get("after") == 0, "the job after a missing program did not run"
        assert "no-such-program" in log, f"the log of a missing program does not name it: {log!r}"

    def test_logs(self) -> None:
        """Output and errors go to the job's log, in a folder that is made if need be, and arguments arrive as given."""
        with _folder() as folder:
            log = folder / "deep" / "er" / "job.log"
            words = ("two words", "$HOME", "ünï")
            code = "import sys; print(sys.argv[1:]); print('loud', file=sys.stderr)"
            self._launched([Job("job", (sys.executable, "-c", code, *words), log)])
            text = log.read_text("utf-8") if log.exists() else "(no file)"
        assert "loud" in text, f"the error stream is not in the log: {text!r}"
        assert str(list(words)) in text, f"the arguments {list(words)} arrived as {text!r}"

    def test_starts_in_order(self) -> None:
        """Jobs are started in the order given."""
        with _folder() as folder:
            count = 4
            self._launched([_job(folder, f"job{i}", f"date +%s%N > {folder}/{i}; sleep 0.2") for i in range(count)])
            times = [int((folder / str(i)).read_text()) for i in range(count)]
        # Neighbours may be started together; those that wait for a place must not overtake.
        slack = 150_000_000
        late = [i for i in range(1, count) if times[i] < times[i - 1] - slack]
        assert not late, f"job {late and late[0]} was started before the one ahead of it"

    def test_reports_as_they_end(self) -> None:
        """A job is reported before later ones are over."""
        with _folder() as folder, closing(self._iterator([_job(folder, "a", ""), _job(folder, "b", "sleep 60")])) as it:
            started = time.monotonic()
            first = next(it)
            seconds = time.monotonic() - started
        assert first.name == "a", f"{first.name} was reported first, though it sleeps"
        assert seconds < _PATIENCE, f"a job that ends at once was reported after {seconds:.0f} s"

    def test_closing_ends_what_runs(self) -> None:
        """Closing the iterator ends jobs that still run, with what they have started, and starts no more."""
        with _folder() as folder:
            sleeper = f"sleep 300 & echo $! > {folder}/child; echo $$ > {folder}/parent; wait"
            jobs = [_job(folder, "first", ""), _job(folder, "sleeper", sleeper), _job(folder, "never", "touch never")]
            iterator = self._iterator([*jobs, *(_job(folder, f"n{i}", f"touch {folder}/n{i}") for i in range(40))])
            next(iterator)
            iterator.close()
            files = [folder / name for name in ("child", "parent") if (folder / name).exists()]
            left = [path.name for path in files if not _gone(int(path.read_text()))]
            ran = len(list(folder.glob("n*")))
        assert not left, f"the {' and '.join(left)} process still runs after closing"
        assert ran < 40, "all later jobs ran though the iterator was closed"

    def test_nothing_to_do(self) -> None:
        """No jobs give no reports."""
        ended = self._launched([])
        assert ended == [], f"no jobs gave {ended}"

    def _iterator(self, jobs: list[Job]) -> Generator[Ended, None, None]:
        return cast("Generator[Ended, None, None]", self.component.launch(jobs))

    def _launched(self, jobs: list[Job]) -> list[Ended]:
        return list(self.component.launch(jobs))


def _job(folder: Path, name: str, script: str) -> Job:
    return Job(name, ("/bin/sh", "-c", f"cd {shlex.quote(str(folder))}; {script}"), folder / "logs" / f"{name}.log")


def _gone(process: int) -> bool:
    """Return whether a process ends within the patience; a dead one that nobody has asked after counts."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
