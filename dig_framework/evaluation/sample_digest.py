"""Whether an image and its truth are what they were."""

from __future__ import annotations

import hashlib

from dig_framework.errors import DigError
from dig_framework.evaluation.truth import read_sample
from dig_framework.ground_truth import Sample
from dig_framework.interfaces.dataset import Dataset
from dig_framework.stage_keys import observation_digest


def digest_of(dataset: Dataset, name: str) -> str:
    """Return a hash of an image and its truth as a dataset reads them now, or of why it cannot."""
    try:
        return sample_digest(read_sample(dataset, name))
    except DigError as error:
        return error_digest(error)


def sample_digest(sample: Sample) -> str:
    """Return a hash of all that scores of an image depend on: every pixel, the camera, the boxes and the truth."""
    digest = hashlib.sha256(observation_digest(sample.observation).encode())
    plain = [(item.label, item.index, item.visible_fraction, item.mass, item.friction) for item in sample.truth.objects]
    digest.update(repr((plain, [type(light).__name__ for light in sample.truth.lights])).encode())
    for name, tensor in sample.truth.tensors().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


def error_digest(error: DigError) -> str:
    """Return a hash of why an image cannot be read."""
    return hashlib.sha256(str(error).encode()).hexdigest()[:32]
