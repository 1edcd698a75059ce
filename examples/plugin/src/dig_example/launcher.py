"""A wrapper that puts words before every command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from dig_framework.builtin.launcher_local import LocalProcesses
from dig_framework.interfaces import Ended, Job, Launcher


class ExampleLauncher(Launcher):
    """Lets another component run the jobs, each behind a prefix such as `nice -n 10`."""

    inner: Launcher = Field(
        default_factory=lambda: LocalProcesses.model_validate({}), description="The launcher that runs jobs"
    )
    prefix: tuple[str, ...] = Field(default=(), description="Words before every command")

    def launch(self, jobs: Sequence[Job]) -> Iterator[Ended]:
        """Run every job and yield how each ended; closing ends what the inner launcher still runs."""
        longer = [job._replace(command=(*self.prefix, *job.command)) for job in jobs]
        # Closing this generator closes the inner one too: that is what `yield from` does.
        yield from self.inner.launch(longer)
