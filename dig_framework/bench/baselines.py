"""Baselines of shape: on single views of meshes, and on the real frames of scene folders.

`--data` is a folder of meshes, of scene folders, or of both; without it the meshes and the image of the embedded demo
scene are used, which say little.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from dig_framework.bench.bench_runs import demo_scene, scenes_with_truth
from dig_framework.bench.real_views import RealView, real_views
from dig_framework.bench.single_views import SingleView, mesh_paths, single_views
from dig_framework.bench.table import Cell, Table
from dig_framework.errors import DigError
from dig_framework.interfaces.shape import Shape
from dig_framework.metrics.intervals import bootstrap_interval, worst_tenth
from dig_framework.metrics.surface import Surface, diameter, surface_of
from dig_framework.metrics.surface_distance import surface_distances
from dig_framework.metrics.volume import volume_iou

BASELINES: Mapping[str, Mapping[str, Any]] = {
    "B0 box, principal": {"type": "box", "upright": False},
    "B1 ellipsoid, moments": {"type": "ellipsoid-start"},
    "B1' ellipsoid, half": {"type": "ellipsoid-start", "form": "half", "clipped": True},
    "B1'' ellipsoid, upright": {"type": "ellipsoid-start", "form": "upright"},
    "B2 hull, visible": {"type": "hull", "dropped": False},
    "B3 hull, mirrored": {"type": "hull", "mirrored": True},
    "B4 box, upright": {"type": "box"},
    "B5 hull, dropped": {"type": "hull"},
    "B6 superquadric": {"type": "superquadric"},
    "B6 superquadric, dropped": {"type": "superquadric", "dropped": True},
    "B9 alpha shape": {"type": "alpha"},
    "B10 completion, one plane": {"type": "completion", "planes": 1, "prisms": False},
    "completion": {"type": "completion"},
}
"""Every baseline that is a shape, by the name that tables use; B7 and B8 are the presets `fit-mesh` and `paper`."""

MESHES = (
    *("003_cracker_box", "005_tomato_soup_can", "006_mustard_bottle", "009_gelatin_box", "010_potted_meat_can"),
    *("011_banana", "035_power_drill", "061_foam_brick"),
)
"""Those of the YCB meshes that are used where all of them are there (Calli et al., ICAR 2015)."""

VIEWS = 10


class Scored(NamedTuple):
    """One object that was reconstructed by one baseline."""

    group: str
    """What the bootstrap draws: the mesh or the scene."""
    chamfer: float
    """[m]"""
    fscore: float
    """At 5 mm."""
    iou: float
    two_way: float
    """As a share of the true diameter."""
    seconds: float


def measure(data: Path | None, views: int = VIEWS, hidden: float = 0.4) -> Iterator[Table]:
    """Score every baseline on single views, the same with a part of each hidden, and on real frames.

    What hides a part is told first, and found in the depth image then.
    """
    folder = demo_scene() / "meshes" if data is None else data
    if any(path.suffix.lower() in (".obj", ".ply") for path in folder.iterdir()):
        paths = mesh_paths(folder, MESHES)
        title = f"Baselines on single views: {len(paths)} meshes, {views} views each"
        yield _table(title, _scores(single_views(paths, views)))
        for told in (True, False):
            kind = "known pixels" if told else "pixels that are found"
            seen = single_views(paths, views, hidden, told=told)
            yield _table(f"{title}, {hidden:.0%} hidden by {kind}", _scores(seen))
    scenes = [demo_scene()] if data is None else scenes_with_truth(data)
    if scenes:
        yield _table(f"Baselines on real frames: {len(scenes)} scenes", _scores(real_views(scenes)))


def score_view(truth: Surface, guess: Surface | None, group: str, seconds: float) -> Scored:
    """Compare a surface with the truth; a missing one has half the diameter as chamfer distance and no overlap."""
    size = diameter(truth)
    if guess is None:
        return Scored(group, size / 2, 0.0, 0.0, 0.5, seconds)
    distances = surface_distances(truth, guess)
    iou = volume_iou(truth, guess)
    return Scored(group, distances.chamfer(), distances.fscore(), iou, distances.two_way(size), seconds)


def _scores(seen: Iterator[SingleView] | Iterator[RealView]) -> dict[str, list[Scored]]:
    shapes = {name: Shape.model_validate(dict(settings)) for name, settings in BASELINES.items()}
    scored: dict[str, list[Scored]] = {name: [] for name in BASELINES}
    for view in seen:
        group = view.name.rpartition("-")[0]
        for name, shape in shapes.items():
            started = time.perf_counter()
            guess = _reconstructed(shape, view)
            scored[name].append(score_view(view.truth, guess, group, time.perf_counter() - started))
    return scored


def _reconstructed(shape: Shape, view: SingleView | RealView) -> Surface | None:
    """Return the surface in the camera's frame, or None where a baseline gives up."""
    try:
        found = shape.initialize(view.evidence, 0)[0]
        mesh = shape.mesh(found.parameters).detach()
        return surface_of(mesh.replace(vertices=found.pose.transform(mesh.vertices)))
    except DigError:
        return None


def _table(title: str, scored: Mapping[str, Sequence[Scored]]) -> Table:
    rows = tuple({"baseline": name, **_row(items)} for name, items in scored.items())
    note = "Means; 95 % intervals by a bootstrap over meshes or scenes. p10 is the worst tenth."
    return Table(title, rows, note)


def _row(items: Sequence[Scored]) -> dict[str, Cell]:
    iou = [item.iou for item in items]
    interval = bootstrap_interval(iou, [item.group for item in items], 0)
    return {
        "objects": len(items),
        "vIoU": fmean(iou),
        "vIoU low": interval.low,
        "vIoU high": interval.high,
        "vIoU p10": worst_tenth(iou, True),
        "chamfer [mm]": 1e3 * fmean(item.chamfer for item in items),
        "chamfer median [mm]": 1e3 * median(item.chamfer for item in items),
        "F@5mm": fmean(item.fscore for item in items),
        "two-way < .02 d": fmean(item.two_way < 0.02 for item in items),
        "seconds": median(item.seconds for item in items),
    }
