"""What the image leaves open, as a part of the page."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.report.html_parts import badge, chip, duration, gallery, note, section, table
from dig_framework.report.picture import Picture
from dig_framework.report.run_record import RunRecord
from dig_framework.scene import SceneObject


def uncertainty_section(run: RunRecord, pictures: Sequence[Picture], remark: str | None = None) -> str:
    """Return the pictures of samples and a table of intervals, or why there are none."""
    stage = run.stage("uncertainty")
    aside = badge(stage.state) + (f'<span class="quiet">{duration(stage.seconds)}</span>' if stage.seconds else "")
    if stage.reason:
        return section("uncertainty", "Uncertainty", note(f"The stage failed: {stage.reason}", bad=True), aside)
    if stage.scene is None:
        return section("uncertainty", "Uncertainty", note("The run did not include this stage."), aside)
    parts = ["<p class='quiet'>What the image leaves open: intervals hold 90 % of what is believed.</p>"]
    if remark:
        parts.append(note(remark))
    if pictures:
        parts.append(gallery(pictures))
    head = ["Object", "Extents x, y, z [mm]", "Middle within [mm]", "Yaw within", "Surface", "Useless"]
    parts.append(table(head, [_row(item) for item in stage.scene.objects], numbers=(1, 2, 3, 4, 5)))
    return section("uncertainty", "Uncertainty", "".join(parts), aside)


def _row(item: SceneObject) -> list[str]:
    if item.posterior is None:
        return [chip(item.index, item.label), *["-"] * 5]
    low, high = (1000 * item.posterior.extents(item.mesh)).round().int().tolist()
    extents = ", ".join(f"{a} to {b}" for a, b in zip(low, high, strict=True))
    return [
        chip(item.index, item.label),
        extents,
        ", ".join(f"{value:.0f}" for value in (1000 * _width(item.posterior.centre_change)).tolist()),
        f"{float(torch.rad2deg(_width(item.posterior.yaw_change))):.0f}°",
        f"{1000 * float(item.posterior.deviation.median()):.1f} mm",
        f"{item.posterior.failure:.0%}",
    ]


def _width(bounds: Float[Tensor, "2 *rest"]) -> Float[Tensor, "*rest"]:
    return bounds[1] - bounds[0]
