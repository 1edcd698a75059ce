"""The top of a report: what was asked, what came out, which objects failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from dig_framework.color_space import srgb_from_linear
from dig_framework.report.agreement import Agreement
from dig_framework.report.html_parts import badge, chip, duration, note, number, section, table
from dig_framework.report.run_record import RunRecord
from dig_framework.scene import SceneObject


def header(run: RunRecord) -> str:
    """Return name, state and origin of a run, with a line of figures."""
    source = (run.provenance.get("input") or {}).get("source")
    facts = [
        str(run.provenance.get("started", "")).replace("T", " ").replace("+00:00", " UTC"),
        f"input {source}" if source else "",
        f"seed {run.provenance['seed']}" if "seed" in run.provenance else "",
    ]
    line = " · ".join(escape(fact) for fact in facts if fact)
    reason = note(f"The run failed: {run.reason}", bad=True) if run.outcome == "failed" and run.reason else ""
    problems = "".join(note(text, bad=True) for text in run.problems)
    name = escape(run.folder.resolve().name)
    return (
        f'<header><p class="kicker">dig_framework run</p><h1>{name}</h1>'
        f"<p>{badge(run.outcome)} <span class='quiet'>{line}</span></p>{reason}{problems}{_tiles(run)}</header>"
    )


def objects_section(run: RunRecord, agreements: Mapping[str, Sequence[Agreement]]) -> str:
    """Return a table with one row a box: what became of it, and how well it agrees with the image, stage by stage."""
    items = {item.index: item for item in run.scene.objects} if run.scene else {}
    labels = _labels(run, items)
    if not labels:
        return section("objects", "Objects", note("There is no box and no object in this run."))
    reasons: dict[int, list[str]] = {}
    for failure in run.failures():
        reasons.setdefault(failure.index, []).append(f"{failure.stage}: {failure.reason}")
    rows = [_row(index, label, items.get(index), reasons.get(index, []), agreements) for index, label in labels.items()]
    head = ["Object", "State", "Colour", "Mask IoU", "Depth error", "Uncertainty", "Remark" if reasons else ""]
    explained = " → ".join(agreements)
    legend = (
        f"<p class='quiet'>Agreement with the image, {explained}: overlap of rendered and segmented mask; median "
        "absolute depth error where both see the object. Neither says anything about the unseen side.</p>"
        if agreements
        else ""
    )
    return section("objects", "Objects", legend + table(head, rows))


def _labels(run: RunRecord, items: Mapping[int, SceneObject]) -> dict[int, str]:
    labels = {index: box.label for index, box in enumerate(run.observation.boxes)} if run.observation else {}
    labels |= {failure.index: failure.label for failure in run.failures()}
    labels |= {index: item.label for index, item in items.items()}
    return dict(sorted(labels.items()))


def _row(
    index: int,
    label: str,
    item: SceneObject | None,
    reasons: Sequence[str],
    agreements: Mapping[str, Sequence[Agreement]],
) -> list[str]:
    found = [entry for entries in agreements.values() for entry in entries if entry.index == index]
    if item is not None:
        state = badge("done", "recovered") if item.converged else badge("unfinished", "not converged")
    else:
        state = badge("failed", "failed") if reasons else badge("absent", "not recovered")
    uncertainty = None if item is None or item.uncertainty is None else 1000 * item.uncertainty
    return [
        chip(index, label),
        state,
        "–" if item is None else _swatch(item),
        _figures([number(entry.mask_iou) for entry in found]),
        _figures([number(entry.depth_median_mm, 1) for entry in found], " mm"),
        number(uncertainty, 1, "mm"),
        "<br>".join(escape(reason) for reason in reasons),
    ]


def _figures(texts: Sequence[str], unit: str = "") -> str:
    return f'<span class="figures">{" → ".join(texts)}{unit}</span>' if texts else "–"


def _swatch(item: SceneObject) -> str:
    color = item.material.color
    if item.mesh.colors is not None:
        color = color * item.mesh.colors.mean(0)
    red, green, blue = (round(255 * value) for value in srgb_from_linear(color).tolist())
    return f'<span class="swatch" style="background:rgb({red} {green} {blue})" title="mean colour"></span>'


def _tiles(run: RunRecord) -> str:
    items = len(run.scene.objects) if run.scene else 0
    asked = len(run.observation.boxes) if run.observation else items + len(run.failures())
    trials = run.grasping.trials if run.grasping else ()
    tiles = [("objects recovered", f"{items} of {asked}")]
    if trials:
        tiles += [("grasps held", f"{sum(trial.success for trial in trials)} of {len(trials)}")]
        labels = {item.index: item.label for item in run.scene.objects} if run.scene else {}
        tiles += [(f"best score, {labels.get(trials[0].grasp.object_index, 'object')}", number(trials[0].score))]
    tiles += [("whole run", duration(run.seconds))]
    cells = "".join(
        f"<li><b>{escape(value)}</b><span class='quiet'>{escape(name)}</span></li>" for name, value in tiles
    )
    return f'<ul class="tiles">{cells}</ul>'


def title(folder: Path) -> str:
    """Return the page's title."""
    return escape(f"{folder.resolve().name} · dig_framework")
