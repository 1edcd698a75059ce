"""A progress bar of scenes, on the terminal's error stream."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class SceneBar:
    """Shows how many scenes are there; draws only on a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        """Draw on a console; None takes the error stream."""
        shown = Console(stderr=True) if console is None else console
        self._bar = Progress(
            TextColumn("scenes"), BarColumn(bar_width=32), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), console=shown, disable=not shown.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("scenes", total=None)

    def show(self, done: int, whole: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, total=whole)

    def __enter__(self) -> SceneBar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
