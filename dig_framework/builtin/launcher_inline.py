"""Jobs one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dig_framework.interfaces import Ended, Job, Launcher
from dig_framework.job_process import JobProcess


class Inline(Launcher):
    """Run jobs one after another, in this process' group, so that Ctrl-C on a terminal reaches them too."""

    def launch(self, jobs: Sequence[Job]) -> Iterator[Ended]:
        """Run every job and yield how each ended; an interruption ends the one that runs."""
        for job in jobs:
            process = JobProcess(job, own_group=False)
            try:
                code = process.wait()
            finally:
                process.end()
            yield Ended(job.name, code)
