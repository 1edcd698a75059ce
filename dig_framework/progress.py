"""Progress bars of a run, on the terminal's error stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from dig_framework.hooks import hookimpl

if TYPE_CHECKING:
    from dig_framework.interfaces import FitStep


class ProgressBars:
    """A listener that shows each stage, and each phase of a fit with its loss and the time left.

    It draws only on a terminal; elsewhere it is silent.
    """

    def __init__(self, console: Console | None = None) -> None:
        """Draw on a console; None takes the error stream."""
        self._console = Console(stderr=True) if console is None else console
        self._bars = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]:<16}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=False,
            disable=not self._console.is_terminal,
        )
        self._stage: TaskID | None = None
        self._phase: tuple[str, TaskID] | None = None

    @hookimpl
    def run_started(self) -> None:
        """Begin to draw."""
        self._bars.start()

    @hookimpl
    def stage_started(self, stage: str) -> None:
        """Show a stage whose length is not known yet."""
        self._stage = self._bars.add_task(stage, total=None, note="")

    @hookimpl
    def fit_step(self, stage: str, step: FitStep) -> None:
        """Move the bar of a phase."""
        if self._phase is None or self._phase[0] != step.phase:
            self._end_phase()
            self._phase = (step.phase, self._bars.add_task(f"  {step.phase}", total=step.steps, note=""))
        self._bars.update(self._phase[1], completed=step.step, total=step.steps, note=f"loss {step.loss:.4g}")

    @hookimpl
    def stage_finished(self, stage: str, cached: bool, seconds: float) -> None:
        """Fill a stage's bar."""
        self._end_phase()
        task = self._bars.add_task(stage, note="") if self._stage is None else self._stage
        self._bars.update(task, total=1, completed=1, note="read back" if cached else f"{seconds:.1f} s")
        self._stage = None

    @hookimpl
    def run_finished(self) -> None:
        """Stop drawing."""
        self._bars.stop()

    @hookimpl
    def run_failed(self) -> None:
        """Stop drawing; what was done stays on the screen."""
        self._bars.stop()

    def _end_phase(self) -> None:
        if self._phase is not None:
            task = self._bars.tasks[self._bars.task_ids.index(self._phase[1])]
            self._bars.update(task.id, completed=task.total)  # A phase may end before its last step.
            self._phase = None
