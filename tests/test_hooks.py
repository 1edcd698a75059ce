from pathlib import Path

import pytest
from fake_distribution import install

from dig_framework.errors import ComponentError
from dig_framework.events import Events, read_events
from dig_framework.hooks import Listeners, hookimpl, load_listener
from dig_framework.interfaces import FitStep


class Notes:
    def __init__(self):
        self.heard = []

    @hookimpl
    def stage_finished(self, stage, cached):
        self.heard.append((stage, cached))
        return "ignored"

    @hookimpl
    def fit_step(self, step):
        self.heard.append(step)


class Clumsy(Notes):
    @hookimpl
    def stage_started(self, stage):
        self.heard.append(stage)
        raise ValueError("oh")


def test_listeners_take_the_arguments_they_name():
    notes = Notes()
    Listeners([notes]).tell("stage_finished", run=Path("r"), stage="fit", cached=True, seconds=1.0)
    assert notes.heard == [("fit", True)]


def test_a_failing_listener_is_reported_once_and_left_out():
    clumsy, notes, complaints = Clumsy(), Notes(), []
    listeners = Listeners([clumsy, notes], complaints.append)
    for _ in range(2):
        listeners.tell("stage_started", run=Path("r"), stage="fit")
    listeners.tell("stage_finished", run=Path("r"), stage="fit", cached=False, seconds=1.0)
    assert clumsy.heard == ["fit"]
    assert notes.heard == [("fit", False)]
    assert complaints == ["listener Clumsy failed in stage_started and is left out: ValueError: oh"]


def test_a_listener_may_interrupt_like_anybody():
    class Impatient:
        @hookimpl
        def run_started(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Listeners([Impatient()]).tell("run_started", run=Path("r"), config=None)


def refused(listener):
    with pytest.raises(ComponentError) as caught:
        Listeners([listener])
    return str(caught.value)


def test_misspelt_hook():
    class Misspelt:
        @hookimpl
        def stage_finnished(self, stage):
            pass

    assert refused(Misspelt()) == (
        "listener Misspelt does not fit: no hook is called 'stage_finnished'. Did you mean 'stage_finished'? Hooks: "
        "run_started, stage_started, fit_step, stage_finished, stage_failed, run_finished, run_failed."
    )


def test_unknown_argument():
    class Curious:
        @hookimpl
        def stage_finished(self, scene):
            pass

    assert "scene" in refused(Curious())


def test_a_wrapper_is_refused():
    class Wrapper:
        @hookimpl(wrapper=True)
        def stage_finished(self, stage):
            return (yield)

    assert refused(Wrapper()) == "listener Wrapper wraps a hook; listeners only listen."


def test_listeners_by_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "dig-notes", {"listener": {"notes": "test_hooks:Notes"}})
    assert type(load_listener("notes")).__name__ == "Notes"
    assert type(load_listener("test_hooks:Notes")).__name__ == "Notes"
    with pytest.raises(ComponentError, match=r"no listener is called 'note'\. Did you mean 'notes'"):
        load_listener("note")


def test_events_are_lines_of_json(tmp_path):
    events = Events(tmp_path, [Clumsy()])
    events.tell("stage_started", stage="fit")
    events.tell("fit_step", stage="fit", step=FitStep("pose", 1, 9, float("nan"), {"depth": 0.5}))
    told = read_events(tmp_path)
    assert [event["event"] for event in told] == ["stage_started", "listener_failed", "fit_step"]
    assert told[2]["step"] == {"phase": "pose", "step": 1, "steps": 9, "loss": None, "terms": {"depth": 0.5}}


def test_a_line_cut_short_is_left_out(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"event": "run_started"}\n{"event": "stage_st')
    assert [event["event"] for event in read_events(tmp_path)] == ["run_started"]
