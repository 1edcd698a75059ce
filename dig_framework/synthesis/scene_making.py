"""One scene of a set, from its number to its folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from dig_framework.derived_seed import derived_seed
from dig_framework.synthesis.arrangement import arranged
from dig_framework.synthesis.bop_models import write_model
from dig_framework.synthesis.bop_scene import write_scene
from dig_framework.synthesis.capture import captured
from dig_framework.synthesis.photograph import Studio
from dig_framework.synthesis.recipe import Recipe
from dig_framework.synthesis.room import random_room
from dig_framework.synthesis.sensor import SENSORS

SPLIT = "test"
"""Folder of the scenes in the dataset."""


def scene_folder(dataset: Path, number: int) -> Path:
    """Return where a scene is."""
    return dataset / SPLIT / f"{number:06d}"


def make_scene(recipe: Recipe, dataset: Path, number: int) -> list[int]:
    """Make a scene and the models that it shows, in one step: its folder is either whole or absent.

    Chance depends on the recipe and the number alone, so that the same scene has the same bytes whatever else is made.

    Returns:
        Object numbers of its models.
    """
    rng = np.random.default_rng(derived_seed(recipe.seed, "scene", recipe.family, number))
    catalogue = recipe.catalogue()
    studio = Studio(recipe.renderer, derived_seed(recipe.seed, "render", number))
    arrangement = arranged(recipe.family, catalogue, recipe.simulation(), studio, rng)
    away = -arrangement.views[0].camera_from_table[:3, :3].T @ arrangement.views[0].camera_from_table[:3, 3]
    room = random_room(rng, float(np.arctan2(away[1], away[0])))
    captures = [captured(arrangement, room, view, studio, SENSORS[recipe.sensor], rng) for view in arrangement.views]
    for thing in arrangement.things:
        write_model(dataset, thing.number, thing.model)
    place = scene_folder(dataset, number)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        write_scene(temporary, arrangement, room, captures)
        os.chmod(temporary, 0o777 & ~_umask())
        os.replace(temporary, place)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return sorted({thing.number for thing in arrangement.things})


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
