import io
from pathlib import Path

from rich.console import Console

from dig_framework.hooks import Listeners
from dig_framework.interfaces import FitStep
from dig_framework.progress import ProgressBars


def drawn(terminal):
    screen = io.StringIO()
    listeners = Listeners([ProgressBars(Console(file=screen, force_terminal=terminal, width=120))], complaints.append)
    listeners.tell("run_started", run=Path("r"), config=None)
    listeners.tell("stage_finished", run=Path("r"), stage="segment", cached=True, seconds=1.0)
    listeners.tell("stage_started", run=Path("r"), stage="fit")
    for phase, steps in (("look", 4), ("place", 2)):
        for step in range(1, 3):
            listeners.tell("fit_step", run=Path("r"), stage="fit", step=FitStep(phase, step, steps, 0.25, {}))
    listeners.tell("stage_finished", run=Path("r"), stage="fit", cached=False, seconds=2.5)
    listeners.tell("run_finished", run=Path("r"), metrics={})
    return screen.getvalue()


complaints: list[str] = []


def test_bars_show_stages_phases_and_losses():
    screen = drawn(terminal=True)
    for text in ("segment", "read back", "look", "place", "loss 0.25", "2.5 s"):
        assert text in screen
    assert complaints == []


def test_nothing_is_drawn_without_a_terminal():
    assert drawn(terminal=False).strip() == ""
