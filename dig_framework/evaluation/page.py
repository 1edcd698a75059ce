"""The report of an evaluation: one page with tables and galleries, worst first, that needs no network."""

from __future__ import annotations

import importlib.resources
import traceback
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import dig_framework
from dig_framework.evaluation.gallery import object_pictures
from dig_framework.evaluation.measures import BY_NAME, MAIN
from dig_framework.evaluation.reconstruction import Reconstruction, read_reconstruction
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.evaluation.summary import Summary
from dig_framework.evaluation.tables import Grid, counts, label_grid, object_grid, scene_grid, summary_grid
from dig_framework.ground_truth import Sample
from dig_framework.report.html_parts import badge, gallery, note, section, table
from dig_framework.scene import Scene

SHOWN = 24
"""How many objects have pictures."""

SampleOf = Callable[[SceneRecord], Sample]


def evaluation_page(
    title: str, records: Sequence[SceneRecord], summary: Summary, sample_of: SampleOf, shown: int = SHOWN
) -> str:
    """Return the page as HTML.

    Args:
        title: What was evaluated.
        records: All scenes.
        summary: Of them.
        sample_of: Reads the image of a scene again, for its pictures.
        shown: How many objects have pictures; the worst by volumetric IoU come first.
    """
    grids = (summary_grid(summary), label_grid(records), scene_grid(records), object_grid(records))
    parts = [_table(grids[0]), _gallery(records, sample_of, shown), *(_table(grid) for grid in grids[1:])]
    skipped = "".join(
        note(f"Skipped {item.name}: {item.skipped}", bad=True) for item in records if item.skipped is not None
    )
    head = (
        f'<header><p class="kicker">dig_framework evaluation</p><h1>{escape(title)}</h1>'
        f"<p>{escape(counts(summary))}</p>{skipped}</header>"
    )
    foot = f"<footer>Written by dig_framework {dig_framework.__version__}. This page needs no network.</footer>"
    return _document(title, f"{head}\n<main>\n{''.join(parts)}\n</main>\n{foot}")


def worst_first(records: Sequence[SceneRecord]) -> list[tuple[SceneRecord, ObjectRecord]]:
    """Return all objects: failures first, then those that share the least volume with the truth."""
    pairs = [(record, item) for record in records for item in record.objects]
    return sorted(pairs, key=lambda pair: (pair[1].failure is None, pair[1].values.get("iou") or 0.0))


def _gallery(records: Sequence[SceneRecord], sample_of: SampleOf, shown: int) -> str:
    pairs = worst_first(records)
    kept: dict[str, tuple[Sample, Reconstruction]] = {}
    body = "".join(_object(record, item, sample_of, kept) for record, item in pairs[:shown])
    rest = f"<p class='quiet'>{len(pairs) - shown} better ones are not shown.</p>" if len(pairs) > shown else ""
    words = "<p class='quiet'>Green is true, orange is found. Behind is half a turn about the image's upright.</p>"
    return section("gallery", "Worst first", words + body + rest)


def _object(
    record: SceneRecord, item: ObjectRecord, sample_of: SampleOf, kept: dict[str, tuple[Sample, Reconstruction]]
) -> str:
    figures = " · ".join(
        f"{BY_NAME[name].title} {BY_NAME[name].text(item.values.get(name))}" for name in MAIN if name in item.values
    )
    state = badge("failed") if item.failure else ""
    head = f"<h3>{escape(item.label)} <span class='quiet'>{escape(item.scene)}</span> {state}</h3>"
    reason = note(item.failure, bad=True) if item.failure else ""
    return f"{head}{reason}<p class='quiet'>{escape(figures)}</p>{_pictures(record, item, sample_of, kept)}"


def _pictures(
    record: SceneRecord, item: ObjectRecord, sample_of: SampleOf, kept: dict[str, tuple[Sample, Reconstruction]]
) -> str:
    try:
        if record.name not in kept:
            found = Reconstruction(Scene()) if record.run is None else read_reconstruction(Path(record.run))
            kept[record.name] = (sample_of(record), found)
        return gallery(object_pictures(item, *kept[record.name]), small=True)
    except Exception as error:  # Scores are worth more than their pictures.
        traceback.print_exc()
        return note(f"There are no pictures of it: {error}", bad=True)


def _table(grid: Grid) -> str:
    rows = [[escape(cell) for cell in row] for row in grid.rows]
    numbers = [place for place in range(grid.words, len(grid.head)) if grid.head[place] not in ("failure", "reason")]
    return section(grid.title.lower().replace(" ", "-"), grid.title, table(grid.head, rows, numbers))


def _document(title: str, body: str) -> str:
    style = importlib.resources.files("dig_framework.report").joinpath("page", "style.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} · dig_framework</title>\n"
        f'<link rel="icon" href="data:,">\n<style>\n{style}\n{_STYLE}</style>\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


_STYLE = (
    ".pictures.small { grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 8px; }\n"
    "main, header, footer { max-width: 1240px; }\n"
)
