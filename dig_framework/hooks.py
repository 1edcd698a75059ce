"""What a run tells whoever listens: hooks that can neither stop nor change it.

A listener is any object with methods named after the hooks of `RunHooks`, each marked with `hookimpl` and taking any of
the hook's arguments by name:

    class Notes:
        @hookimpl
        def stage_finished(self, stage: str, seconds: float) -> None:
            print(stage, seconds)

It is given to `run_pipeline`, or offered by a distribution in the entry-point group `dig_framework.listener` and asked
for by name (`--listen NAME`). What it returns is ignored. A listener that raises is reported once and not called again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from dig_framework import plugins
from dig_framework.errors import ComponentError

if TYPE_CHECKING:
    from dig_framework.config import PipelineConfig
    from dig_framework.interfaces import FitStep

_PROJECT = "dig_framework"
_hookspec = pluggy.HookspecMarker(_PROJECT)

hookimpl = pluggy.HookimplMarker(_PROJECT)
"""Marks a listener's methods."""


class RunHooks:
    """Everything that listeners are told, in the order of a run."""

    @_hookspec
    def run_started(self, run: Path, config: PipelineConfig) -> None:
        """A run began to write its directory."""

    @_hookspec
    def stage_started(self, run: Path, stage: str) -> None:
        """A stage is computed; a stage that is read back only finishes."""

    @_hookspec
    def fit_step(self, run: Path, stage: str, step: FitStep) -> None:
        """An optimiser took a step."""

    @_hookspec
    def stage_finished(self, run: Path, stage: str, cached: bool, seconds: float) -> None:
        """A stage's folder is complete: read back if `cached`; computing it took `seconds` [s], now or then."""

    @_hookspec
    def stage_failed(self, run: Path, stage: str, reason: str) -> None:
        """A stage raised; a failure of the run follows."""

    @_hookspec
    def run_finished(self, run: Path, metrics: Mapping[str, int | float]) -> None:
        """A run is complete, its report written."""

    @_hookspec
    def run_failed(self, run: Path, reason: str) -> None:
        """A run ended before it was complete."""


class Listeners:
    """Calls listeners, each on its own."""

    def __init__(self, listeners: Iterable[object] = (), complain: Callable[[str], None] = lambda text: None) -> None:
        """Register listeners.

        Args:
            listeners: Objects with hook methods.
            complain: Told in one sentence of a listener that raised.

        Raises:
            ComponentError: If a listener's hooks are not what `RunHooks` has; names the nearest.
        """
        self._complain = complain
        self._plugins = pluggy.PluginManager(_PROJECT)
        self._plugins.add_hookspecs(RunHooks)
        for listener in listeners:
            self._register(listener)

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call one hook of every listener that has it."""
        for implementation in getattr(self._plugins.hook, hook).get_hookimpls():
            try:
                implementation.function(*(arguments[name] for name in implementation.argnames))
            except Exception as error:  # Whatever happens in a listener, the run goes on.
                self._plugins.unregister(implementation.plugin)
                kind = type(implementation.plugin).__name__
                self._complain(f"listener {kind} failed in {hook} and is left out: {type(error).__name__}: {error}")

    def _register(self, listener: object) -> None:
        kind = type(listener).__name__
        try:
            self._plugins.register(listener)
            self._plugins.check_pending()
        except pluggy.PluginValidationError as error:
            raise ComponentError(f"listener {kind} does not fit: {_explained(listener, error)}") from error
        callers = self._plugins.get_hookcallers(listener) or []
        if any(item.hookwrapper or item.wrapper for caller in callers for item in caller.get_hookimpls()):
            raise ComponentError(f"listener {kind} wraps a hook; listeners only listen.")


def load_listener(name: str) -> object:
    """Return a new listener by its installed name, or by `module:Class`.

    Raises:
        ComponentError: If there is none, or it does not import or start.
    """
    if ":" in name:
        found = plugins.import_named(name, f"listener {name!r}")
    else:
        found = plugins.find("listener", name).load_object()
    try:
        return found() if inspect.isclass(found) else found
    except Exception as error:  # A third party's listener may fail in any way.
        raise ComponentError(f"listener {name!r} does not start: {type(error).__name__}: {error}") from error


def _explained(listener: object, error: Exception) -> str:
    hooks = [name for name in vars(RunHooks) if not name.startswith("_")]
    for name in dir(type(listener)):
        if hasattr(getattr(type(listener), name), f"{_PROJECT}_impl") and name not in hooks:
            return f"no hook is called {name!r}.{plugins.did_you_mean(name, hooks)} Hooks: {', '.join(hooks)}."
    return " ".join(str(error).split())
