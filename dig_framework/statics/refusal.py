"""Grasps that no simulator can try."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from dig_framework.grasp import Grasp, ParallelJaw
from dig_framework.scene import Scene
from dig_framework.statics.body import flaw_of


def flaws_of(scene: Scene) -> dict[int, str | None]:
    """Return the flaw of each object by its index, or None for a rigid body; see `flaw_of`."""
    return {item.index: flaw_of(item) for item in scene.objects}


def refusal_of(flaws: Mapping[int, str | None], grasp: Grasp, hand: ParallelJaw) -> str | None:
    """Return why a grasp cannot be tried at all, or None.

    One of 'no such object', the object's flaw, 'invalid grasp' (the pose is not rigid, or the width or the approach is
    no length) and 'too wide' (more than the hand opens).

    Args:
        flaws: Of the scene's objects, from `flaws_of`.
        grasp: What is to be tried.
        hand: With which gripper.
    """
    if grasp.object_index not in flaws:
        return "no such object"
    flaw = flaws[grasp.object_index]
    if flaw is not None:
        return flaw
    pose = grasp.scene_from_hand.detach().double().cpu()
    rotation = pose[:3, :3]
    rigid = bool(torch.isfinite(pose).all()) and bool((rotation @ rotation.mT - torch.eye(3)).abs().max() < 1e-3)
    if not rigid or rotation.det() < 0 or not math.isfinite(grasp.width + grasp.approach):
        return "invalid grasp"
    if grasp.width <= 0 or grasp.approach < 0:
        return "invalid grasp"
    return "too wide" if grasp.width > hand.opening + 1e-6 else None
