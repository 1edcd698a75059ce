"""Pieces of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from dig_framework.report.color_scale import ColorScale, css_color
from dig_framework.report.picture import Picture

_STATES = {"done": "good", "cached": "good", "failed": "bad", "unfinished": "wait", "absent": "quiet"}
_WORDS = {"cached": "read back", "absent": "not run"}


def badge(state: str, text: str | None = None) -> str:
    """Return a state as a coloured label."""
    return f'<span class="badge {_STATES.get(state, "quiet")}">{escape(text or _WORDS.get(state, state))}</span>'


def note(text: str, bad: bool = False) -> str:
    """Return a remark; `bad` marks that something failed."""
    return f'<p class="note{" bad" if bad else ""}">{escape(text)}</p>'


def section(name: str, title: str, body: str, aside: str = "") -> str:
    """Return a part of the page that can be linked to."""
    return f'<section id="{name}"><div class="head"><h2>{escape(title)}</h2>{aside}</div>\n{body}\n</section>'


def gallery(pictures: Iterable[Picture], small: bool = False) -> str:
    """Return pictures side by side as far as there is room."""
    return f'<div class="pictures{" small" if small else ""}">{"".join(figure(picture) for picture in pictures)}</div>'


def figure(picture: Picture) -> str:
    """Return a picture with its title and, if its colours are values, their scale."""
    scale = "" if picture.scale is None else _scale(picture.scale)
    return (
        f'<figure><img src="{picture.uri()}" alt="{escape(picture.alt)}" width="{picture.image.shape[1]}" '
        f'height="{picture.image.shape[0]}">{scale}<figcaption>{escape(picture.title)}</figcaption></figure>'
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table of cells that are HTML already; columns in `numbers` are aligned to the right."""
    kinds = [' class="number"' if column in numbers else "" for column in range(len(head))]
    top = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>\n"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(title: str, body: str) -> str:
    """Return something that is shown on demand."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def chip(index: int, label: str) -> str:
    """Return an object's name with its colour."""
    return f'<span class="key"><i style="background:{css_color(index)}"></i>{escape(label)}</span>'


def number(value: Any, digits: int = 2, unit: str = "") -> str:
    """Return a figure as text; a dash for none."""
    if value is None or value != value:
        return "–"
    return f"{value:.{digits}f}{' ' + unit if unit else ''}"


def duration(seconds: float | None) -> str:
    """Return a time span [s] as text."""
    if seconds is None:
        return "–"
    if seconds >= 90:
        return f"{int(seconds // 60)} min {seconds % 60:.0f} s"
    return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"


def _scale(scale: ColorScale) -> str:
    stops = ", ".join("rgb({} {} {})".format(*stop) for stop in scale.stops)
    ticks = [label for _, label in scale.ticks()]
    ticks[-1] += f" {scale.unit}"
    labels = "".join(f"<span>{label}</span>" for label in ticks)
    return (
        f'<div class="scale" style="background:linear-gradient(90deg, {stops})"></div><div class="ticks">{labels}</div>'
    )
