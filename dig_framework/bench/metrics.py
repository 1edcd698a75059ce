"""Time of every measure of one object: the first call compiles, the second counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from dig_framework.bench.bench_runs import demo_scene, scenes_with_truth
from dig_framework.bench.table import Cell, Table
from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.scene_scores import score_scene
from dig_framework.evaluation.truth import scene_sample
from dig_framework.ground_truth import Sample
from dig_framework.material import Material
from dig_framework.metrics.closedness import is_watertight
from dig_framework.metrics.contact import object_penetration, support_gap
from dig_framework.metrics.depth_image import depth_image
from dig_framework.metrics.hidden import seen_from_camera
from dig_framework.metrics.self_intersection import self_intersections
from dig_framework.metrics.surface import Surface, box_diagonal, diameter, surface_of, surface_samples
from dig_framework.metrics.surface_distance import surface_distances
from dig_framework.metrics.volume import volume_iou
from dig_framework.scene import Scene, SceneObject


def measure(data: Path | None) -> Iterator[Table]:
    """Measure each part on the first object of every scene, against the same object swollen by 5 %."""
    scenes = [demo_scene(), *(scenes_with_truth(data) if data else ())]
    samples = [scene_sample(folder) for folder in scenes]
    yield Table("Seconds a call, one object", tuple(_parts(sample) for sample in samples))
    yield Table("Seconds for the whole table", tuple(_whole(sample) for sample in samples))


def _parts(sample: Sample) -> dict[str, Cell]:
    first = sample.truth.objects[0]
    truth = surface_of(first.posed())
    center = truth.vertices.mean(0)
    guess = Surface(1.05 * (truth.vertices - center) + center, truth.faces)
    camera, plane = sample.observation.camera, sample.truth.plane
    points = surface_samples(truth, 0)
    calls: dict[str, Callable[[], Any]] = {
        "distances [s]": lambda: surface_distances(truth, guess),
        "vIoU [s]": lambda: volume_iou(truth, guess),
        "hidden [s]": lambda: seen_from_camera(points, [truth]),
        "diameter [s]": lambda: diameter(truth),
        "box diagonal [s]": lambda: box_diagonal(truth),
        "depth image [s]": lambda: depth_image(guess, camera.intrinsics.numpy(), camera.width, camera.height),
        "penetration [s]": lambda: object_penetration(guess, [truth]),
        "watertight [s]": lambda: is_watertight(guess),
        "self-intersections [s]": lambda: self_intersections(guess),
        **({} if plane is None else {"gap [s]": lambda: support_gap(guess, plane, [truth])}),
    }
    return {"scene": sample.name, "faces": len(truth.faces), **{name: _timed(call) for name, call in calls.items()}}


def _whole(sample: Sample) -> dict[str, Cell]:
    """Time all measures of a scene whose objects are found, at the truth but for 5 %."""
    items = [item for item in sample.truth.objects if item.index is not None]
    material = Material.matte(torch.ones(3))
    scene = Scene(
        tuple(
            SceneObject(item.label, item.index or 0, item.mesh.replace(vertices=1.05 * item.mesh.vertices), item.pose,
                        material)
            for item in items
        )
    )  # fmt: skip
    seconds = _timed(lambda: score_scene(sample, Reconstruction(scene)))
    return {"scene": sample.name, "objects": len(items), "scene [s]": seconds, "an object [s]": seconds / len(items)}


def _timed(call: Callable[[], Any]) -> float:
    call()
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
