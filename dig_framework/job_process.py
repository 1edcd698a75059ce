"""One job of a launcher as a process on this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

from dig_framework.interfaces import Job

_NOT_STARTED = 127
"""What a shell gives for a command that it cannot find."""


class JobProcess:
    """A started job; its output goes to its log, its input is empty."""

    def __init__(self, job: Job, own_group: bool) -> None:
        """Start a job.

        Args:
            job: What to run. A command that does not start ends with status 127 and the reason in its log.
            own_group: Whether it leads a process group of its own, so that `end` reaches what it starts itself.
        """
        self.job = job
        self._own_group = own_group
        job.log.parent.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        with job.log.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    job.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=own_group,
                )
            except OSError as error:
                log.write(f"{job.command[0]} does not start: {error}\n".encode())

    def wait(self) -> int:
        """Return its exit status once it has ended; negative for a signal."""
        return _NOT_STARTED if self._process is None else self._process.wait()

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs."""
        return _NOT_STARTED if self._process is None else self._process.poll()

    def end(self, patience: float = 3.0) -> None:
        """End it and what it started: first kindly, after `patience` [s] by force."""
        if self._process is None:
            return
        if self._process.poll() is None:
            _signal(self._process, signal.SIGTERM, self._own_group)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        _signal(self._process, signal.SIGKILL, self._own_group)
        self._process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals, group: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.send_signal(number)
