"""Loss curves as a small SVG that follows the page's colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from dig_framework.report.color_scale import css_color
from dig_framework.report.loss_table import LossTable

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 280, 58, 12, 26, 30
_MOST_POINTS = 600


def loss_chart(table: LossTable, title: str) -> str:
    """Return a figure with the weighted loss and its terms over all steps, logarithmic, phases side by side."""
    curves = {"loss": table.loss, **table.terms}
    values = [value for curve in curves.values() for value in curve if math.isfinite(value) and value > 0]
    if not values:
        return f"<p class='note'>No positive loss was recorded in {escape(title)}.</p>"
    chart = _Chart(len(table.loss), math.log10(min(values)), math.log10(max(values)))
    lines = [chart.line(curve, color, name) for name, curve, color in _colored(table)]
    phases = [chart.phase(number, name, start, end) for number, (name, start, end) in enumerate(table.spans(), 1)]
    picture = "".join([*phases, *chart.grid(), *reversed(lines)])
    label = f"Loss curves of {title}: from {table.loss[0]:.3g} to {table.loss[-1]:.3g} in {len(table.loss)} steps"
    return (
        f'<figure class="chart"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">{picture}'
        f"</svg><figcaption>{_legend(table)}</figcaption></figure>"
    )


class _Chart:
    """Where steps and values are on the page."""

    def __init__(self, steps: int, low: float, high: float) -> None:
        self.steps = max(steps, 2)
        self.low, self.high = (low, high) if high - low > 0.3 else (low - 0.2, high + 0.2)

    def x(self, step: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * step / (self.steps - 1)

    def y(self, exponent: float) -> float:
        share = (exponent - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    def line(self, values: Sequence[float], color: str, name: str) -> str:
        parts, draw = [], "M"
        for step in _thinned(len(values)):
            value = values[step]
            if not (math.isfinite(value) and value > 0):
                draw = "M"
                continue
            parts.append(f"{draw}{self.x(float(step)):.1f} {self.y(math.log10(value)):.1f}")
            draw = "L"
        kind = "total" if name == "loss" else "term"
        return f'<path class="{kind}" d="{"".join(parts)}" style="stroke:{color}"><title>{escape(name)}</title></path>'

    def phase(self, number: int, name: str, start: int, end: int) -> str:
        left, right = self.x(max(start - 0.5, 0.0)), self.x(min(end - 0.5, self.steps - 1.0))
        kind = "odd" if number % 2 else "even"
        return (
            f'<rect class="phase {kind}" x="{left:.1f}" y="{_TOP}" width="{max(right - left, 0.5):.1f}" '
            f'height="{_HEIGHT - _TOP - _BOTTOM}"><title>{escape(name)}</title></rect>'
            f'<text class="tick" text-anchor="middle" x="{(left + right) / 2:.1f}" y="{_TOP - 8}">{number}</text>'
        )

    def grid(self) -> Iterable[str]:
        step = max(1, math.ceil((self.high - self.low) / 6))
        whole = range(math.ceil(self.low), math.floor(self.high) + 1, step)
        exponents = (
            [float(exponent) for exponent in whole]
            if len(whole) > 1
            else [self.low, (self.low + self.high) / 2, self.high]
        )
        for exponent in exponents:
            y = self.y(exponent)
            yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            label = f"{10**exponent:.2g}"
            yield f'<text class="tick" text-anchor="end" x="{_LEFT - 6}" y="{y + 4:.1f}">{label}</text>'
        for share in (0.0, 0.5, 1.0):
            where = round(share * (self.steps - 1))
            x = self.x(float(where))
            anchor = ("start", "middle", "end")[round(2 * share)]
            text = f"step {where + 1}" if share == 0 else str(where + 1)
            yield f'<text class="tick" text-anchor="{anchor}" x="{x:.1f}" y="{_HEIGHT - 10}">{text}</text>'


def _colored(table: LossTable) -> list[tuple[str, Sequence[float], str]]:
    terms = [(name, curve, css_color(i)) for i, (name, curve) in enumerate(table.terms.items())]
    return [("loss", table.loss, "var(--ink)"), *terms]


def _thinned(count: int) -> list[int]:
    stride = max(1, count // _MOST_POINTS)
    return sorted({*range(0, count, stride), count - 1}) if count else []


def _legend(table: LossTable) -> str:
    lines = "".join(
        f'<span class="key"><i style="background:{color}"></i>{escape(name)}</span>'
        for name, _, color in _colored(table)
    )
    phases = "; ".join(
        f"{number} {escape(name)} ({end - start} steps)" for number, (name, start, end) in enumerate(table.spans(), 1)
    )
    return f'{lines}<br/><span class="quiet">Phases: {phases}. Terms are unweighted.</span>'
