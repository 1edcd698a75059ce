"""What the benchmark of reconstruction looks at: samples with truth, by condition."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dig_framework.bench.bench_runs import demo_scene, five_objects, scenes_with_truth
from dig_framework.bench.reconstruction_scenes import generated, hollow_meshes
from dig_framework.bench.single_views import mesh_paths, view_samples
from dig_framework.errors import UsageError
from dig_framework.evaluation.truth import scene_sample
from dig_framework.ground_truth import Sample
from dig_framework.synthesis.recipe import Recipe

TARGET = 0
"""Place of the box that counts where something is put before an object."""


class Case(NamedTuple):
    """One image of a condition."""

    sample: Sample
    group: str
    """What the bootstrap draws: the scene, or the mesh of several views."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where images come from."""

    work: Path
    """Folder in which scenes are made, and kept."""
    data: Path | None = None
    """Folder of scene folders with gt.json, in place of the embedded scene."""
    meshes: Path | None = None
    """Folder of meshes in place of our own objects."""
    count: int = 4
    """Generated scenes of each condition, or views of each mesh."""
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Condition:
    """Images that are alike in what is hard about them."""

    name: str
    title: str
    cases: Callable[[Source], Iterator[Case]]
    own_masks: bool = False
    """Whether masks come from our segmenter even where some are given."""
    judged: tuple[int, ...] | None = None
    """Places of the boxes that count; None for all."""
    settles: bool = False
    """Whether reconstructions are simulated."""
    turned: bool = False
    """Whether poses are compared, modulo symmetry."""


def _family(name: str, family: str, sensor: str = "d435") -> Callable[[Source], Iterator[Case]]:
    def cases(source: Source) -> Iterator[Case]:
        meshes = None if family == "primitives" else source.meshes
        recipe = Recipe(family, source.seed, sensor=sensor, meshes=meshes)  # pyright: ignore[reportArgumentType]
        yield from _grouped(generated(recipe, source.work / "scenes" / name, source.count))

    return cases


def _hollow(source: Source) -> Iterator[Case]:
    folder = hollow_meshes(source.work / "scenes" / "hollow-meshes", source.meshes, source.seed)
    recipe = Recipe("single", source.seed, meshes=folder)
    yield from _grouped(generated(recipe, source.work / "scenes" / "hollow", source.count))


def _views(hidden: float) -> Callable[[Source], Iterator[Case]]:
    from dig_framework.bench.baselines import MESHES

    def cases(source: Source) -> Iterator[Case]:
        paths = mesh_paths(demo_scene() / "meshes" if source.meshes is None else source.meshes, MESHES)
        yield from _grouped(view_samples(paths, source.count, hidden, source.seed))

    return cases


def _real(source: Source) -> Iterator[Case]:
    for scene in scenes_with_truth(source.data) if source.data else [demo_scene()]:
        yield _of_folder(scene)


def _of_folder(scene: Path) -> Case:
    return Case(dataclasses.replace(scene_sample(scene), name=scene.name), scene.name)


def _published(source: Source) -> Iterator[Case]:
    yield from _family("single", "single")(dataclasses.replace(source, count=min(source.count, 3)))
    yield _of_folder(demo_scene())
    if source.data:
        yield _of_folder(five_objects(source.data))


def _grouped(samples: Iterator[Sample]) -> Iterator[Case]:
    for sample in samples:
        yield Case(sample, sample.name.rpartition("-")[0])


CONDITIONS: Mapping[str, Condition] = {
    item.name: item
    for item in (
        Condition("views", "Single views of meshes, masks exact", _views(0.0)),
        Condition("views-hidden", "Single views, 40 % hidden by a board that is found", _views(0.4)),
        Condition("single", "Generated single objects", _family("single", "single"), settles=True),
        Condition("hidden", "40 % hidden by an object that is found", _family("hidden", "occluded"), judged=(TARGET,)),
        Condition("primitives", "Cubes, balls, cylinders, cones", _family("primitives", "primitives"), turned=True),
        Condition("harsh", "Single objects, harsh sensor", _family("harsh", "single", "harsh")),
        Condition("roll", "Single objects, camera rolled by 0 to 180 degrees", _family("roll", "roll")),
        Condition("clutter", "4 to 8 touching objects", _family("clutter", "clutter"), settles=True),
        Condition("hollow", "Bowls, mugs, baskets, pitchers and the like", _hollow),
        Condition("real", "Real frames, given masks where there are some", _real),
        Condition("real-own-masks", "Real frames, our own masks", _real, own_masks=True),
        Condition("published", "Where the published recipe is run: single objects, demo, real frame", _published),
    )
}
"""Every condition by name, in the order in which they are measured."""

ONLY_WHEN_NAMED = ("published",)
"""Conditions that take too long to be measured unasked."""


def chosen_conditions(names: tuple[str, ...]) -> list[Condition]:
    """Return conditions by name; all that are not too long without a name.

    Raises:
        UsageError: If there is none of a name.
    """
    unknown = [name for name in names if name not in CONDITIONS]
    if unknown:
        raise UsageError(f"--only {unknown[0]}: is no part. There are: {', '.join(CONDITIONS)}, time.")
    wanted = names or tuple(name for name in CONDITIONS if name not in ONLY_WHEN_NAMED)
    return [CONDITIONS[name] for name in wanted]
