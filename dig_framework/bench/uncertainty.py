"""Whether stated uncertainties can be believed: intervals of extents and centre, and predicted failures.

On single views of meshes, the same with 40 % hidden by a board, and on the real frames of `--data`. The weights of
predicted failures were learnt from every second mesh by name, so that these and the others have rows of their own.
Without `--meshes` the meshes of the embedded scene are used, which say little.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

import numpy as np

from dig_framework.bench.baselines import score_view
from dig_framework.bench.bench_runs import demo_scene, scenes_with_truth
from dig_framework.bench.real_views import RealView, real_views
from dig_framework.bench.single_views import SingleView, mesh_paths, single_views
from dig_framework.bench.table import Cell, Table
from dig_framework.errors import DigError
from dig_framework.interfaces.shape import Shape
from dig_framework.metrics.calibration import area_under_roc, expected_calibration_error, interval_coverage
from dig_framework.metrics.surface import Surface, surface_of
from dig_framework.pose import Pose
from dig_framework.uncertainty.posterior import shape_posterior
from dig_framework.uncertainty.settings import UncertaintySettings

VIEWS, HIDDEN = 4, 0.4
LEAST_IOU, LARGEST_CHAMFER = 0.5, 0.01
"""A reconstruction fails below and above these [1, m]."""


class Judged(NamedTuple):
    """One object's intervals and its truth, along the axes of its frame."""

    extents: np.ndarray
    """Lower bound, upper bound and truth, shape (3, 3) [m]."""
    centre: np.ndarray
    """The same of the middle of its bounds."""
    failure: float
    """As predicted."""
    failed: bool
    seconds: float
    """Of the posterior."""
    share: float
    """Of the posterior's time in that of the shape."""


def measure(data: Path | None, meshes: Path | None = None, count: int = VIEWS, seed: int = 0) -> Iterator[Table]:
    """Compare intervals and predicted failures of completions with the truth.

    Args:
        data: Folder of scene folders with truth.
        meshes: Folder of meshes in metres.
        count: Views of each mesh.
        seed: Of poses, cameras and noise.
    """
    paths = mesh_paths(demo_scene() / "meshes" if meshes is None else meshes)
    scenes = [demo_scene()] if data is None else scenes_with_truth(data)
    groups: dict[str, list[Judged]] = {}
    for hidden in (0.0, HIDDEN):
        what = f", {hidden:.0%} hidden" if hidden else ""
        groups[f"views{what}, meshes learnt from"] = _judged(single_views(paths[::2], count, hidden, seed))
        groups[f"views{what}, other meshes"] = _judged(single_views(paths[1::2], count, hidden, seed))
    groups["real frames"] = _judged(real_views(scenes))
    others = [item for name, items in groups.items() if "learnt" not in name for item in items]
    rows = {**groups, "all but those learnt from": others}
    note = (
        "Intervals of 90 %; widths are medians over objects and axes. A failure has a volumetric IoU below "
        f"{LEAST_IOU} or a chamfer distance above {1e3 * LARGEST_CHAMFER:.0f} mm."
    )
    table = tuple(_row(name, items) for name, items in rows.items() if items)
    yield Table("Uncertainty of completions", table, note)


def _judged(views: Iterable[SingleView | RealView]) -> list[Judged]:
    shape, settings = Shape.model_validate("completion"), UncertaintySettings()
    found = []
    for view in views:
        try:
            found.append(judge(shape, view, settings))
        except DigError:
            continue  # What was not recovered has no interval.
    return found


def judge(shape: Shape, view: SingleView | RealView, settings: UncertaintySettings) -> Judged:
    """Return how one object's posterior compares with its truth.

    Raises:
        DigError: If no shape is found.
    """
    started = time.perf_counter()
    best = shape.initialize(view.evidence, 0)[0]
    mesh = shape.mesh(best.parameters).detach()
    between = time.perf_counter()
    posterior = shape_posterior(view.evidence, mesh, best.pose, settings, 0)
    ended = time.perf_counter()
    guess = surface_of(mesh.replace(vertices=best.pose.transform(mesh.vertices)))
    score = score_view(view.truth, guess, view.name, 0.0)
    low, high = _bounds(view.truth, best.pose)
    return Judged(
        np.concatenate([posterior.extents(mesh).double().numpy(), (high - low)[None]]),
        np.concatenate([posterior.centre(mesh).double().numpy(), (high + low)[None] / 2]),
        posterior.failure,
        score.iou < LEAST_IOU or score.chamfer > LARGEST_CHAMFER,
        ended - between,
        (ended - between) / (between - started),
    )


def _bounds(truth: Surface, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Return the truth's bounds along the axes of a pose [m]."""
    matrix = pose.detach().matrix().double().numpy()
    local = (truth.vertices[np.unique(truth.faces)] - matrix[:3, 3]) @ matrix[:3, :3]
    return local.min(0), local.max(0)


def _row(name: str, items: Sequence[Judged]) -> dict[str, Cell]:
    extents, centres = np.stack([item.extents for item in items]), np.stack([item.centre for item in items])
    failures, failed = [item.failure for item in items], [item.failed for item in items]
    return {
        "objects": name,
        "number": len(items),
        "extents covered": _coverage(extents),
        "centre covered": _coverage(centres),
        "extents, width [mm]": 1e3 * _width(extents),
        "relative": float(np.median((extents[:, 1] - extents[:, 0]) / extents[:, 2])),
        "centre, width [mm]": 1e3 * _width(centres),
        "failed": sum(failed),
        "AUROC": area_under_roc(failures, failed),
        "predicted": fmean(failures),
        "calibration error": expected_calibration_error(failures, failed),
        "seconds": median(item.seconds for item in items),
        "of the completion's": median(item.share for item in items),
    }


def _coverage(bounds: Any) -> float:
    return interval_coverage(*(bounds[:, k].ravel().tolist() for k in range(3)))


def _width(bounds: Any) -> float:
    return float(np.median(bounds[:, 1] - bounds[:, 0]))
