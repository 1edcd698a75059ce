"""Drives a headless Chromium through its DevTools pipe with the standard library alone."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Swiftshader draws WebGL on the processor, so that no graphics card is needed.
_OPTIONS = (
    *("--headless=new", "--no-sandbox", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)
# Chromium reads commands from descriptor 3 and writes answers to descriptor 4.
_PIPES = (
    "import os, sys; r, w = map(int, sys.argv[1:3]); os.dup2(r, 93); os.dup2(w, 94); os.dup2(93, 3); os.dup2(94, 4)\n"
)
_PIPES += "os.execv(sys.argv[3], sys.argv[3:])"


def chromium_path() -> str | None:
    """Return where a Chromium is installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Page:
    """One open page, everything it says on its console, and every address it asks for."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers, self._buffer, self._count = commands, answers, b"", 0
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._loaded = 0
        target = self._call("Target.createTarget", {"url": "about:blank"}, None)["targetId"]
        attached = self._call("Target.attachToTarget", {"targetId": target, "flatten": True}, None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one DevTools command and return its result."""
        return self._call(method, parameters, self._session)

    def open(self, path: Path, width: int, height: int, scheme: str = "light", touch: bool = False) -> None:
        """Load a file in a window of that many CSS pixels and wait until it has been drawn."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        before = self._loaded
        self.call("Page.navigate", url=path.resolve().as_uri())
        end = time.monotonic() + 60
        while self._loaded == before:
            self._take(end)
        self.frame()

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def frame(self) -> None:
        """Wait until two frames have been drawn."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def drag(self, start: tuple[float, float], end: tuple[float, float], modifiers: int = 0) -> None:
        """Press, move and release the left mouse button; modifiers: 8 is shift."""
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        for kind, (x, y), held in (
            ("mousePressed", start, 1),
            ("mouseMoved", middle, 1),
            ("mouseMoved", end, 1),
            ("mouseReleased", end, 0),
        ):
            event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": held, "clickCount": 1}
            self.call("Input.dispatchMouseEvent", **event, modifiers=modifiers)
        self.frame()

    def wheel(self, at: tuple[float, float], amount: float) -> None:
        """Turn the wheel."""
        self.call("Input.dispatchMouseEvent", type="mouseWheel", x=at[0], y=at[1], deltaX=0, deltaY=amount)
        self.frame()

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """Put fingers down ('touchStart'), move ('touchMove') or lift them ('touchEnd')."""
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y} for x, y in points])

    def key(self, name: str) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, **({"text": name} if len(name) == 1 else {}))
        self.frame()

    def screenshot(self, path: Path, full: bool = True) -> None:
        """Save what is seen as PNG; `full` takes the whole page."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _call(self, method: str, parameters: dict[str, Any], session: str | None) -> dict[str, Any]:
        self._count += 1
        number = self._count
        message = {"id": number, "method": method, "params": parameters}
        os.write(self._commands, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        end = time.monotonic() + 60
        while True:
            answer = self._take(end)
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def _take(self, end: float) -> dict[str, Any]:
        """Return the next message, noting what it tells."""
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._answers, 1 << 20) if ready else b""
            if not data:
                raise AssertionError("the browser does not answer")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(line)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method: str | None, parameters: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])


@contextlib.contextmanager
def browser(*options: str) -> Iterator[Page]:
    """Start a Chromium with an empty profile, yield a page, and end it with everything it started."""
    path = chromium_path()
    assert path is not None
    read_commands, write_commands = os.pipe()
    read_answers, write_answers = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [sys.executable, "-c", _PIPES, str(read_commands), str(write_answers), path, *_OPTIONS, *options]
        process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"],
            pass_fds=(read_commands, write_answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(read_commands)
        os.close(write_answers)
        try:
            yield Page(write_commands, read_answers)
        finally:
            os.close(write_commands)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(read_answers)
