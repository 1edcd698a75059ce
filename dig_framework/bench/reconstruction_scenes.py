"""Generated scenes for the benchmark of reconstruction, made once and kept.

They are drawn by a ray tracer, never by the renderer that fits, so that no method profits from its own errors.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from dig_framework import plugins
from dig_framework.atomic_files import write_atomic
from dig_framework.errors import ComponentError, InputError
from dig_framework.evaluation.truth import open_dataset, read_sample
from dig_framework.ground_truth import Sample
from dig_framework.ply_files import mesh_to_ply
from dig_framework.synthesis.catalogue import VARIANTS
from dig_framework.synthesis.household import household_model
from dig_framework.synthesis.making import make_scenes
from dig_framework.synthesis.mesh_folder import folder_model, mesh_files
from dig_framework.synthesis.recipe import Recipe

RENDERERS = ("embree", "mitsuba")
"""Ray tracers that may draw the images, the fast one first."""
SIMULATORS = ("mujoco", "quasi-static")
HOLLOW = ("basket", "bowl", "cup-stack", "mug", "pitcher", "plant-pot", "tumbler", "wine-glass")
"""Household kinds with an opening."""
_HOLLOW_WORDS = ("basket", "bin", "bowl", "cup", "glass", "mug", "pitcher", "pot_", "vase")


def generated(recipe: Recipe, folder: Path, count: int) -> Iterator[Sample]:
    """Make the first scenes of a recipe, unless they are there, and yield their images.

    Args:
        recipe: Its renderer and simulator are replaced by the first ones installed of ours.
        folder: Where scenes are kept.
        count: Of scenes.

    Raises:
        ComponentError: If no ray tracer is installed.
        InputError: If the folder holds scenes of another recipe, or a scene could not be made.
    """
    recipe = dataclasses.replace(
        recipe, renderer=_first_installed("renderer", RENDERERS), simulator=settling_simulator()
    )
    made = make_scenes(recipe, folder, count, max(1, len(os.sched_getaffinity(0)) // 2))
    if made.failures:
        number, reason = next(iter(sorted(made.failures.items())))
        raise InputError(f"{folder}: {len(made.failures)} scenes could not be made, such as {number}: {reason}")
    dataset = open_dataset(folder, "bop")
    scenes = {f"{number:06d}" for number in range(count)}
    for name in dataset.names():
        if name.split("-")[-2] in scenes:
            yield read_sample(dataset, name)


def settling_simulator() -> str:
    """Return the simulator in which things come to rest."""
    return _first_installed("simulator", SIMULATORS)


def hollow_meshes(folder: Path, meshes: Path | None, seed: int) -> Path:
    """Write meshes of hollow household objects into a folder, with those of another folder whose names say so."""
    for kind in HOLLOW:
        for variant in range(VARIANTS):
            path = folder / f"{kind}-{variant}.ply"
            if not path.exists():
                write_atomic(path, mesh_to_ply(household_model(kind, variant, seed).surface))
    for name, path, _ in [] if meshes is None else mesh_files(meshes):
        target = folder / f"{name}.ply"
        if any(word in name for word in _HOLLOW_WORDS) and not target.exists():
            write_atomic(target, mesh_to_ply(folder_model(name, path, None).surface))
    return folder


def _first_installed(slot: str, names: tuple[str, ...]) -> str:
    installed = {offer.name for offer in plugins.offers(slot)}
    for name in names:
        if name in installed:
            return name
    raise ComponentError(
        f"no {slot} of {', '.join(names)} is installed, so no scene can be made; pip install dig-{names[0]}, or "
        "measure real frames alone with --only real."
    )
