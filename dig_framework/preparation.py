"""What components can do before they know any input, done in another process while a run's first stages go on."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType

from dig_framework import plugins
from dig_framework.component import Component


class Preparation:
    """Processes that call `Component.prepare`, one a component that needs it; they end with the context.

    One that fails is not missed: what it would have done is then done where it is needed, with its errors.
    """

    def __init__(self, components: Iterable[Component]) -> None:
        """Start."""
        self._processes: list[tuple[Component, subprocess.Popen[bytes]]] = []
        for item in components:
            # Whatever goes wrong here goes wrong again, and is told, where the component is used.
            with contextlib.suppress(Exception):
                if item.needs_preparation():
                    self._processes.append((item, _started(item)))

    def wait(self, values: Iterable[object]) -> None:
        """Return once the components among some values are prepared."""
        waiting = [value for value in values if isinstance(value, Component)]
        for component, process in self._processes:
            if component in waiting:
                process.wait()

    def __enter__(self) -> Preparation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still goes on."""
        for _, process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()


def _started(component: Component) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dig_framework.preparation", component.slot, component.model_dump_json()]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)


def main() -> None:
    """Prepare the component of a slot and settings that the command line gives."""
    slot, settings = sys.argv[1], json.loads(sys.argv[2])
    plugins.load(slot, settings["type"]).model_validate(settings).prepare()


if __name__ == "__main__":
    main()
