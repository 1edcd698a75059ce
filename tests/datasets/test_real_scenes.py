"""Real frames and the embedded demo through the folder dataset."""

import importlib.resources
from pathlib import Path

import pytest

from dig_framework.builtin.dataset_folder import FolderDataset
from dig_framework.testing.dataset_conformance import DatasetConformance

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
real = pytest.mark.skipif(not SHARED.exists(), reason="the shared scenes are not here")


class TestDemoScene(DatasetConformance):
    component = FolderDataset(path=Path(str(importlib.resources.files("dig_framework"))) / "demo")


@real
class TestRealScenes(DatasetConformance):
    component = FolderDataset(path=SHARED)


@real
def test_every_real_scene_is_read():
    dataset = FolderDataset(path=SHARED)
    objects = 0
    for name in dataset.names():
        sample = dataset.sample(name)
        objects += len(sample.truth.objects)
        for item in sample.truth.objects:
            if item.index is None:
                assert not sample.observation.boxes
                continue
            mask = sample.observation.masks[item.index]
            pixels, depth = sample.observation.camera.project(item.posed().vertices)
            column, row = pixels.round().long().unbind(-1)
            inside = (column >= 0) & (row >= 0) & (column < mask.shape[1]) & (row < mask.shape[0])
            measured = sample.observation.depth[row[inside], column[inside]]
            near = mask[row[inside], column[inside]] & ((measured - depth[inside]).abs() < 0.02)
            assert float(near.float().mean()) > 0.05, f"{name}: {item.label} is not where its mask is"
    assert len(dataset.names()) >= 20
    assert objects >= 34
