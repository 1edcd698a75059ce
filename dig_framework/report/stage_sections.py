"""One part of the page for the input and for each stage that makes pictures."""

from __future__ import annotations

from collections.abc import Sequence

from dig_framework.report.html_parts import badge, duration, gallery, note, section
from dig_framework.report.loss_chart import loss_chart
from dig_framework.report.picture import Picture
from dig_framework.report.run_record import RunRecord, StageRun

_TITLES = {
    "segment": ("Segment", "Boxes become masks, and the support plane is found."),
    "initialize": ("Initialize", "Each object gets a closed surface from its one visible side."),
    "fit": ("Fit", "Poses, materials and lights are fitted to the image."),
    "deform": ("Deform", "The meshes follow the image where a rigid shape cannot."),
}


def input_section(run: RunRecord, pictures: Sequence[Picture]) -> str:
    """Return the image with its boxes, and the depth."""
    if run.observation is None:
        return section("input", "Input", note("The run directory holds no readable input/, so there are no pictures."))
    camera = run.observation.camera
    fx, fy = float(camera.intrinsics[0, 0]), float(camera.intrinsics[1, 1])
    aside = f'<span class="quiet">{camera.width} × {camera.height}, focal length {fx:.0f}, {fy:.0f} px</span>'
    return section("input", "Input", gallery(pictures), aside)


def stage_section(stage: StageRun, pictures: Sequence[Picture], remark: str | None = None) -> str:
    """Return a stage's pictures and curves, or why there are none."""
    title, lead = _TITLES[stage.name]
    parts = [f"<p class='quiet'>{lead}</p>"]
    if stage.reason:
        parts.append(note(f"The stage failed: {stage.reason}", bad=True))
    elif stage.state == "absent":
        parts.append(note("The run did not include this stage."))
    elif stage.state == "unfinished":
        parts.append(note("The stage was begun and never finished."))
    if remark:
        parts.append(note(remark))
    if pictures:
        parts.append(gallery(pictures))
    if stage.losses is not None and stage.losses.loss:
        parts.append(loss_chart(stage.losses, stage.name))
    seconds = f'<span class="quiet">{duration(stage.seconds)}</span>' if stage.seconds is not None else ""
    return section(stage.name, title, "\n".join(parts), badge(stage.state) + seconds)
