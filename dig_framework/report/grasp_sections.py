"""The grasps and what the robot made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from dig_framework.grasp import Trial
from dig_framework.report.html_parts import badge, chip, duration, folded, gallery, note, section, table
from dig_framework.report.picture import Picture
from dig_framework.report.run_record import RunRecord, StageRun

_SHOWN_ROWS, _MOST_ROWS = 10, 40


def grasp_section(run: RunRecord, pictures: Sequence[Picture], remark: str | None = None) -> str:
    """Return the best grasps as pictures and all as a ranked table."""
    stage = run.stage("grasp")
    aside = badge(stage.state) + (f'<span class="quiet">{duration(stage.seconds)}</span>' if stage.seconds else "")
    if stage.reason:
        return section("grasp", "Grasps", note(f"The stage failed: {stage.reason}", bad=True), aside)
    if run.grasping is None:
        return section("grasp", "Grasps", note(_absence(stage, "grasps.json")), aside)
    parts = [note(f"{item.label}: {item.reason}", bad=True) for item in run.grasping.failures]
    trials = run.grasping.trials
    if not trials:
        return section("grasp", "Grasps", "".join(parts) + note("No grasp was proposed."), aside)
    if remark:
        parts.append(note(remark))
    parts.append(gallery(pictures, small=True))
    labels = {item.index: item.label for item in run.scene.objects} if run.scene else {}
    head = ["Rank", "Object", "Score", "Result", "Opening", "Approach", "Figures"]
    rows = [_row(rank, trial, labels) for rank, trial in enumerate(trials[:_MOST_ROWS])]
    parts.append(table(head, rows[:_SHOWN_ROWS], numbers=(4, 5)))
    if len(rows) > _SHOWN_ROWS:
        parts.append(folded(f"{len(rows) - _SHOWN_ROWS} more grasps", table(head, rows[_SHOWN_ROWS:], numbers=(4, 5))))
    if len(trials) > _MOST_ROWS:
        parts.append(
            f"<p class='quiet'>The {_MOST_ROWS} best of {len(trials)}; all are in <code>grasp/grasps.json</code>.</p>"
        )
    return section("grasp", "Grasps", "".join(parts), aside)


def execution_section(run: RunRecord) -> str:
    """Return the plan that was made and what came of it."""
    stage, execution = run.stage("execute"), run.execution
    aside = badge(stage.state)
    if stage.reason:
        return section("execute", "Execution", note(f"The stage failed: {stage.reason}", bad=True), aside)
    if execution is None:
        return section("execute", "Execution", note(_absence(stage, "execution.json")), aside)
    parts = [f"<p>{escape(execution.reason)}</p>"]
    if execution.trial is not None:
        word = "held" if execution.trial.success else execution.trial.reason
        parts.append(f"<p>Result {badge('done' if execution.trial.success else 'failed', word)}</p>")
    if execution.plan is not None:
        parts.append(
            f"<p class='quiet'>Plan <code>{execution.plan.digest()}</code> for {escape(execution.plan.robot)}.</p>"
        )
        rows = [
            [
                escape(point.name),
                ", ".join(f"{math.degrees(value):.1f}°" for value in point.joints.tolist()),
                f"{1000 * point.width:.0f} mm",
                f"{point.duration:.2f} s",
            ]
            for point in execution.plan.waypoints
        ]
        parts.append(table(["Waypoint", "Joints", "Opening", "After"], rows, numbers=(2, 3)))
    return section("execute", "Execution", "".join(parts), aside)


def _absence(stage: StageRun, name: str) -> str:
    """Return why there is nothing to show of a stage that has not failed."""
    if stage.state == "absent":
        return "The run did not include this stage."
    if stage.state == "unfinished":
        return "The stage was begun and never finished."
    return f"Its {name} is absent or cannot be read."


def _row(rank: int, trial: Trial, labels: dict[int, str]) -> list[str]:
    index = trial.grasp.object_index
    figures = ", ".join(f"{name} {value:.3g}" for name, value in trial.measures.items())
    share = min(max(trial.score, 0.0), 1.0)
    label = labels.get(index, str(index))
    return [
        f'<button type="button" class="link" data-show-grasp="{rank}" title="Show it in 3D">{rank + 1}</button>',
        chip(index, label),
        f'<span class="figures">{trial.score:.2f} <span class="bar" style="width:{50 * share:.0f}px"></span></span>',
        badge("done" if trial.success else "failed", trial.reason),
        f"{1000 * trial.grasp.width:.0f} mm",
        f"{1000 * trial.grasp.approach:.0f} mm",
        f'<span class="quiet">{escape(figures)}</span>',
    ]
