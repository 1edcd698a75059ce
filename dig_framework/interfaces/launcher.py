"""Where trials of a study run."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from dig_framework.component import Component


class Job(NamedTuple):
    """One command line in its own process."""

    name: str
    command: tuple[str, ...]
    log: Path
    """Where its output goes."""


class Ended(NamedTuple):
    """How a job ended."""

    name: str
    code: int
    """Exit status; negative for a signal, as in `subprocess`."""


class Launcher(Component):
    """Runs command lines somewhere, each in a process of its own."""

    slot: ClassVar[str] = "launcher"

    @abstractmethod
    def launch(self, jobs: Sequence[Job]) -> Iterator[Ended]:
        """Run every job and yield how each ended, in the order in which they end.

        Closing the iterator, or an exception in its caller, ends what still runs.
        """
