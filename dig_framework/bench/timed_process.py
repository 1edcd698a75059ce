"""Run a command in a process of its own and measure it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Timed(NamedTuple):
    """What a process cost."""

    code: int
    """Exit status; negative for a signal."""
    seconds: float
    """Wall time [s]."""
    processor_seconds: float
    """Processor time of all its threads [s]; what a busy machine changes little."""
    peak_mib: float
    """Largest resident memory [MiB]."""
    output: str
    """Standard output and error together."""


def command_line(*words: str) -> list[str]:
    """Return the argument list of a `dig-framework` command, in this Python."""
    return [sys.executable, "-m", "dig_framework.cli", *words]


def run_timed(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: str | None = None) -> Timed:
    """Run a command to its end; `environment` is added to that of this process."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=cwd,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    spent = usage.ru_utime + usage.ru_stime
    return Timed(process.returncode, seconds, spent, usage.ru_maxrss / 1024, text)
