"""What happened in a run, one JSON object a line, and told to listeners."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dig_framework.hooks import Listeners


class Events:
    """Writes `events.jsonl` and tells listeners; every line is on disk before the run goes on."""

    def __init__(self, run: Path, listeners: Iterable[object] = ()) -> None:
        """Start a new log in a run directory.

        Raises:
            ComponentError: If a listener's hooks are unknown.
        """
        self._run = run
        self._listeners = Listeners(listeners, lambda text: self.note("listener_failed", reason=text))
        self._path = run / "events.jsonl"
        self._path.write_text("")

    def tell(self, event: str, **fields: Any) -> None:
        """Write a hook's event and tell listeners."""
        self.note(event, **fields)
        self._listeners.tell(event, run=self._run, **fields)

    def note(self, event: str, **fields: Any) -> None:
        """Write an event that is nobody's hook."""
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        plain = {name: _plain(value) for name, value in fields.items() if not isinstance(value, BaseModel)}
        line = json.dumps({"time": time, "event": event, **plain}, ensure_ascii=False, allow_nan=False)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")


def read_events(run: Path) -> list[dict[str, Any]]:
    """Return the events of a run directory, in order; a line cut short by a crash is left out."""
    path = run / "events.jsonl"
    events: list[dict[str, Any]] = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return events


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | None) else str(value)
