"""Make a scene whose truth is known, reconstruct it, and see how far off that is.

A can, a mug or another of 39 kinds of things is dropped onto a table, and photographed with the errors of a depth
camera. This example makes do with what comes with the package; `dig-framework scenes make` path-traces such scenes
with the plugins `dig-mitsuba` and `dig-mujoco`.
"""

from pathlib import Path

import dig_framework as dig
from dig_framework.builtin.dataset_bop import BopDataset
from dig_framework.synthesis.making import make_scenes
from dig_framework.synthesis.recipe import Recipe

recipe = Recipe("single", seed=2, renderer="raster", sensor="d435", simulator="quasi-static")
make_scenes(recipe, Path("scenes"), count=1)

dataset = BopDataset(path=Path("scenes"))
sample = dataset.sample(dataset.names()[0])
run = dig.run_pipeline(
    dig.read_config("quickstart", ["shape=hull"]), sample.observation, "runs/scene", until="initialize"
)

truth = sample.truth.objects[0].posed()
for item in run.scene.objects:
    found = item.posed()
    away = 1000 * float((found.vertices.mean(0) - truth.vertices.mean(0)).norm())
    volumes = [f"{1e6 * float(mesh.volume()):.0f} ml" for mesh in (found, truth)]
    print(f"volume {volumes[0]}, true {volumes[1]}; middles {away:.0f} mm apart")
