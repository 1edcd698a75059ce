"""Agreement with an independent judge of reconstructions on real scenes, where both are installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from scene_folders import perfect, without, write_run

from dig_framework.evaluation.finished_runs import score_run
from dig_framework.evaluation.truth import scene_sample
from dig_framework.mesh import Mesh

SHARED = Path(__file__).resolve().parents[3] / "shared"
JUDGE = SHARED / "bench" / "evaluate.py"
SCENES = sorted(path.parent for path in (SHARED / "data").glob("*/gt.json") if '"mesh"' in path.read_text())
NAMES = {"center": "centre", "good": "ok"}
MEASURES = ("chamfer", "accuracy", "completeness", "hidden", "fscore", "iou", "center", "good")

pytestmark = pytest.mark.skipif(not SCENES or not JUDGE.exists(), reason="the shared scenes are not here")


@pytest.fixture(scope="module")
def judge():
    pytest.importorskip("igl", reason="libigl is not installed")
    pytest.importorskip("embreex", reason="embreex is not installed")
    spec = importlib.util.spec_from_file_location("shared_judge", JUDGE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def hull(mesh: Mesh) -> Mesh:
    import trimesh

    solid = trimesh.Trimesh(mesh.vertices.numpy(), mesh.faces.numpy(), process=False).convex_hull
    return Mesh(torch.tensor(np.asarray(solid.vertices), dtype=torch.float32), torch.tensor(np.asarray(solid.faces)))


@pytest.mark.parametrize("folder", SCENES, ids=lambda folder: folder.name)
@pytest.mark.filterwarnings("ignore")
def test_figures_agree_to_one_percent(folder, judge, tmp_path):
    sample = scene_sample(folder)
    known = [item for item in sample.truth.objects if item.index is not None]
    if not known:
        pytest.skip("no box of the scene has a known object")
    moved = perfect(sample.replace(truth=sample.truth.replace(objects=tuple(known))), (0.003, -0.002, 0.004))
    # Hulls a little off, and the first object missing, so that failures are compared too.
    hulls = moved.replace(objects=tuple(item.replace(mesh=hull(item.mesh)) for item in moved.objects))
    run = write_run(tmp_path / "run", sample, without(hulls, known[0].index))
    record, _ = score_run(run, folder)
    expected = {row["label"]: row for row in judge.evaluate(folder, run)}
    for item in record.objects:
        for name in MEASURES:
            theirs = expected[item.label][NAMES.get(name, name)]
            ours = item.values[name]
            assert (0.0 if ours is None else ours) == pytest.approx(theirs, rel=0.01, abs=1e-9), (item.label, name)
    assert record.objects[0].failure is not None
