"""Errors of pose of reconstructions, which have no frame of their own.

The pose of a true model that a reconstruction stands for is found by laying the true surface onto the reconstructed
one, both posed, by the best rigid motion (`metrics.registration`), which starts from where the two are. Its rotation,
modulo the model's symmetries, and the shift of its origin are the errors. A ball has no orientation.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.ground_truth import Sample, TrueObject
from dig_framework.metrics.pose_errors import rotation_error, translation_error
from dig_framework.metrics.registration import registration
from dig_framework.metrics.surface import Surface, diameter, surface_of, surface_samples

TURN, SHIFT = "turn", "shift"
"""Names of the errors among an object's values: rotation [rad], translation [m]."""

_WORST_TURN = float(np.pi)
_ROUND = 0.01


def with_pose_errors(record: SceneRecord, sample: Sample, found: Reconstruction) -> SceneRecord:
    """Return a record whose objects have `turn` and `shift`; what is missing counts pi and half its diameter."""
    truths = {item.index: item for item in sample.truth.objects}
    guesses = {item.index: item for item in found.scene.objects}
    objects: list[ObjectRecord] = []
    for item in record.objects:
        guess = guesses.get(item.index) if item.failure is None else None
        errors = (_WORST_TURN, diameter(surface_of(truths[item.index].posed())) / 2)
        if guess is not None:
            errors = pose_errors(truths[item.index], surface_of(guess.posed()))
        turn = None if is_ball(surface_of(truths[item.index].mesh)) else errors[0]
        objects.append(dataclasses.replace(item, values={**item.values, TURN: turn, SHIFT: errors[1]}))
    return dataclasses.replace(record, objects=tuple(objects))


def pose_errors(truth: TrueObject, guess: Surface) -> tuple[float, float]:
    """Return rotation [rad] and translation [m], modulo symmetry, by which a posed reconstruction is off."""
    pose = truth.pose.matrix().detach().cpu().double().numpy()
    symmetries = truth.symmetries.detach().cpu().double().numpy()
    estimate = np.linalg.inv(registration(surface_of(truth.posed()), guess)) @ pose
    return rotation_error(estimate, pose, symmetries), translation_error(estimate, pose, symmetries)


def is_ball(surface: Surface) -> bool:
    """Return whether all of a surface is equally far from its middle."""
    middle = (surface.vertices.min(0) + surface.vertices.max(0)) / 2
    radii = np.linalg.norm(surface_samples(surface, 0, 2000) - middle, axis=1)
    return bool(np.ptp(radii) < _ROUND * radii.mean())
