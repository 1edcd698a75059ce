"""Tables of scores as text cells, and as files."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dig_framework.evaluation.measures import BY_NAME, MAIN, MEASURES, Measure
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.evaluation.summary import Figure, Summary, by_label, known, scene_means


class Grid(NamedTuple):
    """A table of texts."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int
    """Columns from the left that hold words; the rest holds numbers."""


def summary_grid(summary: Summary, names: Sequence[str] | None = None) -> Grid:
    """Return one row a measure: means, medians and the worst tenth, with intervals."""
    chosen = [figure for figure in summary.figures if names is None or figure.name in names]
    head = ("measure", "objects", "mean", "95 % of means", "median", "95 % of medians", "worst tenth")
    return Grid("All objects", head, tuple(_summary_row(figure, summary.scenes > 1) for figure in chosen), 1)


def object_grid(records: Sequence[SceneRecord], names: Sequence[str] = MAIN) -> Grid:
    """Return one row an object."""
    measures, titles = _used(records, names), row_names(records)
    rows = tuple(
        (titles[place], item.label, f"{item.visible_fraction:.2f}" if item.visible_fraction is not None else "–",
         *_texts(item.values, measures), item.failure or "")
        for place, record in enumerate(records)
        for item in record.objects
    )  # fmt: skip
    head = ("scene", "object", "visible", *(measure.title for measure in measures), "failure")
    return Grid("Objects", head, rows, 2)


def scene_grid(records: Sequence[SceneRecord], names: Sequence[str] = MAIN) -> Grid:
    """Return one row a scene, with means over its objects; scenes that could not be judged say why."""
    measures = _used(records, names)
    rows = []
    for record, title in zip(records, row_names(records), strict=True):
        failed = sum(item.failure is not None for item in record.objects)
        words = record.skipped or record.failure or ""
        state = "skipped" if record.skipped else "failed" if record.failure else "judged"
        cells = (title, state, str(len(record.objects)), str(failed))
        rows.append((*cells, *_texts(scene_means(record), measures), words))
    head = ("scene", "state", "objects", "failed", *(measure.title for measure in measures), "reason")
    return Grid("Scenes", head, tuple(rows), 2)


def row_names(records: Sequence[SceneRecord]) -> list[str]:
    """Return what each record is called: its scene, and its run where several are of one scene."""
    times = Counter(record.name for record in records)
    return [
        record.name if times[record.name] == 1 or record.run is None else f"{record.name}, {Path(record.run).name}"
        for record in records
    ]


def label_grid(records: Sequence[SceneRecord], names: Sequence[str] = MAIN) -> Grid:
    """Return one row a kind of object, with means."""
    measures = _used(records, names)
    rows = []
    for label, items in by_label(records).items():
        means = [_mean(known(items, measure)) for measure in measures]
        texts = (measure.text(value) for measure, value in zip(measures, means, strict=True))
        rows.append((label, str(len(items)), *texts))
    return Grid("Kinds", ("object", "times", *(measure.title for measure in measures)), tuple(rows), 1)


def objects_csv(records: Sequence[SceneRecord]) -> str:
    """Return every value of every object in SI units."""
    head = [
        "scene",
        "label",
        "index",
        "visible_fraction",
        "diameter",
        "failure",
        *(item.name for item in MEASURES),
        "run",
    ]
    return _csv(head, ([*_object_cells(item), record.run] for record in records for item in record.objects))


def scenes_csv(records: Sequence[SceneRecord]) -> str:
    """Return the means of every scene in SI units."""
    head = ["scene", "objects", "failed", "not_asked", "skipped", "failure", "light_angle"]
    rows = (
        [record.name, len(record.objects), sum(item.failure is not None for item in record.objects), record.not_asked,
         record.skipped, record.failure, record.light_angle, *scene_means(record).values(), record.run]
        for record in records
    )  # fmt: skip
    return _csv([*head, *(item.name for item in MEASURES), "run"], rows)


def markdown(grids: Iterable[Grid]) -> str:
    """Return tables for a README."""
    parts = []
    for grid in grids:
        rule = ["---" if column < grid.words else "---:" for column in range(len(grid.head))]
        lines = ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in (grid.head, rule, *grid.rows)]
        parts.append(f"## {grid.title}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def counts(summary: Summary) -> str:
    """Return in a sentence how many scenes and objects the figures stand for."""
    text = (
        f"{summary.objects} objects in {summary.scenes} scenes; {summary.failed_objects} objects failed"
        f"{f', {summary.failed_scenes} of the runs as a whole' if summary.failed_scenes else ''}; "
        f"{summary.skipped} scenes skipped; {summary.not_asked} known objects not asked for."
    )
    if summary.light_angle is not None:
        text += f" Light direction: {57.29577951308232 * summary.light_angle:.1f} deg off in the mean."
    return text


def _summary_row(figure: Figure, several: bool) -> tuple[str, ...]:
    """Return the cells of a measure; a single scene says nothing about others, so it has no interval."""
    measure = BY_NAME[figure.name]
    return (
        measure.title,
        str(figure.count),
        measure.text(figure.mean),
        f"{measure.text(figure.mean_low)} … {measure.text(figure.mean_high)}" if several else "–",
        measure.text(figure.median),
        f"{measure.text(figure.median_low)} … {measure.text(figure.median_high)}" if several else "–",
        measure.text(figure.worst_tenth),
    )


def _used(records: Sequence[SceneRecord], names: Sequence[str]) -> list[Measure]:
    """Return the named measures that any object has."""
    items = [item for record in records for item in record.objects]
    return [measure for measure in MEASURES if measure.name in names and known(items, measure)]


def _texts(values: Mapping[str, float | None], measures: Sequence[Measure]) -> tuple[str, ...]:
    return tuple(measure.text(values.get(measure.name)) for measure in measures)


def _object_cells(item: ObjectRecord) -> list[object]:
    words = [item.scene, item.label, item.index, item.visible_fraction, item.diameter, item.failure]
    return [*words, *(item.values.get(measure.name) for measure in MEASURES)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return stream.getvalue()


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
