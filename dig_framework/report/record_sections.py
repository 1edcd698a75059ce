"""Times, figures, settings and origin of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from dig_framework.report.html_parts import badge, duration, folded, note, section, table
from dig_framework.report.run_record import RunRecord


def times_section(run: RunRecord) -> str:
    """Return how long each stage took, and whether it was read back."""
    longest = max((stage.seconds or 0 for stage in run.stages), default=0) or 1
    rows = [
        [
            escape(stage.name),
            badge(stage.state),
            duration(stage.seconds),
            f'<span class="bar" style="width:{180 * (stage.seconds or 0) / longest:.0f}px"></span>',
        ]
        for stage in run.stages
    ]
    rows.append(["whole run", "", duration(run.seconds), ""])
    memory = run.metrics.get("peak_memory_bytes")
    peak = f"<p class='quiet'>Peak memory {memory / 2**20:.0f} MiB." if memory else "<p class='quiet'>"
    explained = f"{peak} Times of stages that were read back are those of when they were computed.</p>"
    return section("times", "Times", table(["Stage", "State", "Time", ""], rows, numbers=(2,)) + explained)


def record_section(run: RunRecord) -> str:
    """Return figures, settings and provenance, folded."""
    metrics = table(["Figure", "Value"], [[escape(name), _figure(value)] for name, value in run.metrics.items()], (1,))
    parts = [
        folded("Figures", metrics if run.metrics else note("metrics.json is absent.")),
        folded("Settings", _text(run.config_text) if run.config_text else note("config.yaml is absent.")),
        folded("Provenance", _provenance(run.provenance) if run.provenance else note("provenance.json is absent.")),
    ]
    return section("record", "Figures, settings, origin", "".join(parts))


def _figure(value: Any) -> str:
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{value:.0f}"
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _provenance(values: Mapping[str, Any]) -> str:
    short = {name: value for name, value in values.items() if name not in ("packages", "git")}
    git = dict(values.get("git") or {})
    patch = git.pop("patch", "")
    shown = _text(json.dumps(short | ({"git": git} if git else {}), indent=1, ensure_ascii=False))
    if patch:
        shown += folded("Uncommitted changes", _text(str(patch)))
    packages = values.get("packages") or {}
    return shown + folded("Packages", _text("\n".join(f"{name} {version}" for name, version in packages.items())))


def _text(text: str) -> str:
    return f"<pre tabindex='0'>{escape(text)}</pre>"
