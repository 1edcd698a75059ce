"""The 3D view's part of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dig_framework.report.html_parts import chip, note, section

_TOGGLES = {
    "objects": "Objects",
    "tinted": "One colour an object",
    "points": "Measured points",
    "table": "Table grid",
    "grasps": "Grasps",
    "camera": "Camera",
}


def view_section(view: Mapping[str, Any]) -> str:
    """Return the canvas with its controls; a remark if there is nothing to show."""
    if not view["stages"] and view["points"] is None:
        return section("scene", "Scene", note("There is neither a reconstructed object nor a measured point to show."))
    objects = view["stages"][-1]["objects"] if view["stages"] else []
    names = ", ".join(item["label"] for item in objects) if view["stages"] else "no object yet"
    label = f"Orbitable 3D view of the reconstructed scene: {names}"
    legend = "".join(chip(item["index"], item["label"]) for item in objects)
    body = (
        f'<div id="viewer"><canvas tabindex="0" role="img" aria-label="{escape(label)}"></canvas>'
        '<p class="note without">This browser offers no WebGL 2, so the scene cannot be turned here. '
        "<code>scene.glb</code> beside this page opens in any 3D viewer.</p>"
        f'<div class="tools">{_buttons(view)}{_selects(view)}</div></div>'
        f'<p class="quiet">{legend}</p>'
        '<p class="quiet">Drag to turn, shift-drag or two fingers to move, wheel or pinch to zoom; with the keyboard '
        "arrows, shift-arrows, + and −, 0. Grid lines are 5 cm apart.</p>"
    )
    return section("scene", "Scene", body)


def _buttons(view: Mapping[str, Any]) -> str:
    missing = {"points": view["points"] is None, "grasps": not view["grasps"], "camera": view["camera"] is None}
    missing |= {"objects": not view["stages"], "tinted": not view["stages"]}
    result = "".join(
        f'<button type="button" data-toggle="{name}">{text}</button>'
        for name, text in _TOGGLES.items()
        if not missing.get(name, False)
    )
    if view["camera"]:
        result += '<button type="button" data-action="from-camera">From the camera</button>'
    return result + '<button type="button" data-action="reset">Reset</button>'


def _selects(view: Mapping[str, Any]) -> str:
    stages = [stage["name"] for stage in view["stages"]]
    result = ""
    if len(stages) > 1:
        result += _select("stage", "After", [(name, name) for name in stages], stages[-1])
    if view["grasps"]:
        kinds = [(str(rank), f"{rank + 1}: {grasp['score']:.2f}") for rank, grasp in enumerate(view["grasps"])]
        result += _select("grasp", "Grasp", [*kinds, ("all", "all")], "0")
    return result


def _select(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    entries = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options
    )
    return f'<label>{label} <select name="{name}">{entries}</select></label>'
