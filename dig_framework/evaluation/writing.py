"""Files of an evaluation: JSON, CSV, Markdown and a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dig_framework
from dig_framework.atomic_files import write_atomic, write_json
from dig_framework.evaluation.page import SampleOf, evaluation_page
from dig_framework.evaluation.records import SceneRecord, to_json
from dig_framework.evaluation.summary import SEED, Summary, summarize
from dig_framework.evaluation.tables import (
    counts,
    label_grid,
    markdown,
    object_grid,
    objects_csv,
    scene_grid,
    scenes_csv,
    summary_grid,
)
from dig_framework.provenance import machine, package_versions


def save_evaluation(
    folder: Path, title: str, records: Sequence[SceneRecord], sample_of: SampleOf, about: dict[str, Any]
) -> Summary:
    """Write `evaluation.json`, `objects.csv`, `scenes.csv`, `tables.md` and `report.html`; return the summary.

    Args:
        folder: Where to.
        title: What was evaluated.
        records: All scenes.
        sample_of: Reads the image of a scene again, for its pictures.
        about: Further plain values for the record.
    """
    summary = summarize(records)
    grids = (summary_grid(summary), label_grid(records), scene_grid(records), object_grid(records))
    write_atomic(folder / "objects.csv", objects_csv(records))
    write_atomic(folder / "scenes.csv", scenes_csv(records))
    write_atomic(folder / "tables.md", f"# {title}\n\n{counts(summary)}\n\n{markdown(grids)}")
    write_atomic(folder / "report.html", evaluation_page(title, records, summary, sample_of))
    write_json(
        folder / "evaluation.json",
        {
            "title": title,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": dig_framework.__version__,
            **about,
            "bootstrap_seed": SEED,
            "summary": dataclasses.asdict(summary),
            "scenes": [to_json(record) for record in records],
            "machine": machine(),
            "packages": package_versions(),
        },
    )
    return summary
