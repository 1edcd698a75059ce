"""Several jobs at a time on this machine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence

from pydantic import Field

from dig_framework.interfaces import Ended, Job, Launcher
from dig_framework.job_process import JobProcess


class LocalProcesses(Launcher):
    """Run a few jobs at a time, each leading a process group of its own, so that ending one ends what it started."""

    workers: int = Field(default=2, ge=1, description="Jobs at a time")
    interval: float = Field(default=0.02, gt=0, description="Time between looks at what has ended [s]")

    def launch(self, jobs: Sequence[Job]) -> Iterator[Ended]:
        """Start jobs in order, as many as there are workers, and yield each as it ends; closing ends the rest."""
        waiting, running = deque(jobs), list[JobProcess]()
        try:
            while waiting or running:
                while waiting and len(running) < self.workers:
                    running.append(JobProcess(waiting.popleft(), own_group=True))
                ended = [process for process in running if process.poll() is not None]
                running = [process for process in running if process not in ended]
                for process in ended:
                    process.end()
                    yield Ended(process.job.name, process.wait())
                if not ended:
                    time.sleep(self.interval)
        finally:
            for process in running:
                process.end()
