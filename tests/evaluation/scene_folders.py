"""Miniature scenes with truth, and runs on them whose scores are known."""

from pathlib import Path

import torch

from dig_framework.ground_truth import Sample
from dig_framework.material import Material
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.scene_files import save_scene
from dig_framework.testing.miniatures import write_miniature

QUICK = ("segmenter=given", "shape=hull", "fit_schedule=null", "deformation=null", "deform_schedule=null",
         "policy=null", "simulator=null", "robot=null")  # fmt: skip
"""Settings of `reference` with which a run takes no time."""


def scenes(folder: Path) -> tuple[Sample, ...]:
    """Write scene folders `a` and `b`, each with a ball and a block."""
    return write_miniature("scene folders", folder)


def perfect(sample: Sample, shift: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Scene:
    """Return the truth as a reconstruction, moved by a shift [m]."""
    objects = []
    for item in sample.truth.objects:
        assert item.index is not None
        pose = item.pose.replace(translation=item.pose.translation + torch.tensor(shift))
        objects.append(SceneObject(item.label, item.index, item.mesh, pose, Material.matte(torch.full((3,), 0.6))))
    return Scene(tuple(objects))


def without(scene: Scene, index: int, reason: str = "too dark") -> Scene:
    """Return a scene of which one object failed."""
    kept = tuple(item for item in scene.objects if item.index != index)
    return scene.replace(objects=kept, failures=(Failure("gone", index, "initialize", reason),))


def write_run(folder: Path, sample: Sample, scene: Scene) -> Path:
    """Write a folder with nothing but a scene."""
    save_scene(scene, folder, sample.observation.camera)
    return folder
