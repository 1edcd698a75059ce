"""Every measure of a reconstructed scene against the truth of its image."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np

from dig_framework.errors import DigError, InputError
from dig_framework.evaluation.image_scores import TrueImage, Views, color_scores, image_scores
from dig_framework.evaluation.object_scores import (
    TrueShape,
    Values,
    failure_scores,
    finite,
    physics_scores,
    shape_scores,
)
from dig_framework.evaluation.reconstruction import Reconstruction
from dig_framework.evaluation.records import ObjectRecord, SceneRecord
from dig_framework.evaluation.relighting import relight_scores
from dig_framework.ground_truth import Sample, TrueObject
from dig_framework.interfaces.simulator import Simulator
from dig_framework.metrics.light_and_color import angle_between, strongest_direction
from dig_framework.metrics.settling import settle_drift
from dig_framework.metrics.surface import Surface, diameter, surface_of
from dig_framework.scene import Scene, SceneObject

_FARTHEST = 1000.0
"""Distance beyond which a reconstruction is a failure [m]."""


def score_run_of(sample: Sample, found: Reconstruction, simulator: Simulator | None = None) -> SceneRecord:
    """Compare as `score_scene` does; a reconstruction that cannot be scored counts as a failure of all its objects.

    Raises:
        InputError: If the truth cannot be judged against.
    """
    try:
        return score_scene(sample, found, simulator)
    except DigError:
        raise
    except Exception as error:  # Whatever one method wrote, the others are still to be judged.
        logging.getLogger(__name__).debug("scoring failed", exc_info=True)
        reason = f"what was found cannot be scored ({type(error).__name__}: {error})"
        return score_scene(sample, Reconstruction(Scene(), failure=" ".join(reason.split()), run=found.run))


def score_scene(sample: Sample, found: Reconstruction, simulator: Simulator | None = None) -> SceneRecord:
    """Compare a reconstruction with the truth, object by object.

    Args:
        sample: The image and its truth.
        found: What was recovered; objects are paired by the place of their box.
        simulator: Lets the reconstruction settle; None leaves drift out.

    Raises:
        InputError: If the truth cannot be judged against, because a true mesh has no surface or lies behind the camera,
            or no object of the image is known.
    """
    truths = [item for item in sample.truth.objects if item.index is not None]
    if not truths:
        raise InputError(f"{sample.name}: no box of it has an object whose shape is known, so nothing can be judged.")
    scorer = _Scorer(sample, truths, found, simulator)
    return SceneRecord(
        name=sample.name,
        run=found.run,
        objects=tuple(scorer.record(position) for position in range(len(truths))),
        failure=found.failure,
        not_asked=len(sample.truth.objects) - len(truths),
        light_angle=_light_angle(sample, found, scorer.shapes),
    )


class _Scorer:
    """One scene with everything that its objects share."""

    def __init__(
        self, sample: Sample, truths: list[TrueObject], found: Reconstruction, simulator: Simulator | None
    ) -> None:
        self.sample, self.truths, self.found = sample, truths, found
        self.shapes = [_true_shape(sample.name, item) for item in truths]
        self.reasons: dict[int, str] = dict(found.reasons)
        self.guesses: dict[int, Surface] = {}
        for item in found.scene.objects:
            try:
                self.guesses[item.index] = _guessed(item)
            except InputError as error:
                self.reasons[item.index] = str(error)
        kept = tuple(item for item in found.scene.objects if item.index in self.guesses)
        scene = found.scene.replace(objects=kept)
        camera = sample.observation.camera
        self.true_views = Views([shape.surface for shape in self.shapes], camera)
        self.views = Views(list(self.guesses.values()), camera)
        self.colors = color_scores(scene, sample.observation) if self.guesses else []
        self.relit = relight_scores(scene, sample.truth, sample.observation) if self.guesses else []
        self.drifts, self.simulated = _drifts(found, simulator), simulator is not None

    def record(self, position: int) -> ObjectRecord:
        truth, shape = self.truths[position], self.shapes[position]
        assert truth.index is not None
        failure = None
        if truth.index in self.guesses:
            values = finite(self._values(position, truth.index))
        else:
            values = failure_scores(shape)
            if not self.simulated:
                values["settled"] = None
            failure = self.reasons.get(truth.index) or self.found.failure or _nothing_for_it(self.reasons)
        return ObjectRecord(
            self.sample.name, truth.label, truth.index, truth.visible_fraction, shape.diameter, failure, values
        )

    def _values(self, position: int, index: int) -> Values:
        guess = self.guesses[index]
        others = [surface for other, surface in self.guesses.items() if other != index]
        return {
            **shape_scores(self.shapes[position], guess),
            **image_scores(self._true_image(position, index), self.views, list(self.guesses).index(index),
                           self.sample.observation),
            **(self.colors[index] if index < len(self.colors) else {}),
            **(self.relit[index] if index < len(self.relit) else {}),
            **physics_scores(guess, others, self.sample.truth.plane or self.found.scene.plane),
            **self.drifts.get(index, {}),
        }  # fmt: skip

    def _true_image(self, position: int, index: int) -> TrueImage:
        """Return the truth in the image; what no file tells is drawn from the true meshes."""
        truth, views = self.sample.truth, self.true_views
        known = truth.masks is not None and index < len(truth.masks) and bool(truth.masks[index].any())
        mask = truth.masks[index].cpu().numpy() if known and truth.masks is not None else views.visible(position)
        alone = views.depths[position]
        depth = alone if truth.depth is None else truth.depth.cpu().double().numpy()
        return TrueImage(mask, alone, depth, self.shapes[position].diameter)


def _guessed(item: SceneObject) -> Surface:
    surface = surface_of(item.posed())
    away = float(np.abs(surface.vertices).max())
    if away > _FARTHEST:
        raise InputError(f"it is {away:.3g} m away, which no object that a camera sees is.")
    return surface


def _nothing_for_it(reasons: Mapping[int, str]) -> str:
    """Say that nothing was recovered, and what of the run could not be told to belong to any box."""
    stray = [reason for index, reason in reasons.items() if index < 0]
    return " ".join(["nothing was recovered for its box.", *stray])


def _true_shape(name: str, item: TrueObject) -> TrueShape:
    try:
        surface = surface_of(item.posed())
    except InputError as error:
        raise InputError(f"{name}: the true mesh of {item.label} cannot be used: {error}") from error
    if not (surface.vertices[:, 2] > 0).all():
        raise InputError(f"{name}: the true {item.label} reaches behind the camera; check its pose and unit.")
    return TrueShape(surface, diameter(surface))


def _drifts(found: Reconstruction, simulator: Simulator | None) -> Mapping[int, Values]:
    """Return how far every object moves until it rests; what cannot be simulated does not rest."""
    if simulator is None:
        return {}
    try:
        drifts = [] if found.scene.plane is None else settle_drift(found.scene, simulator)
    except DigError:
        drifts = []
    if not drifts:
        return {item.index: {"settled": 0.0} for item in found.scene.objects}
    return {
        item.index: {"drift": item.moved, "drift_angle": item.turned, "settled": float(item.is_settled())}
        for item in drifts
    }


def _light_angle(sample: Sample, found: Reconstruction, shapes: list[TrueShape]) -> float | None:
    place = np.mean([shape.surface.vertices.mean(0) for shape in shapes], axis=0)
    true, guessed = (strongest_direction(lights, place) for lights in (sample.truth.lights, found.scene.lights))
    return None if true is None or guessed is None else angle_between(true, guessed)
