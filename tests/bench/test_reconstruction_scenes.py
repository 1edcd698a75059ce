"""Where the images of the benchmark of reconstruction come from."""

import json

import pytest
import torch

from dig_framework.atomic_files import write_json
from dig_framework.bench import reconstruction_scenes, reconstruction_time
from dig_framework.bench.bench_runs import demo_scene, five_objects
from dig_framework.bench.reconstruction_conditions import CONDITIONS, Source
from dig_framework.bench.reconstruction_scenes import generated, hollow_meshes
from dig_framework.bench.reconstruction_time import time_table
from dig_framework.bench.single_views import single_views, view_samples
from dig_framework.bench.timed_process import Timed
from dig_framework.errors import ComponentError, InputError
from dig_framework.mesh_files import read_mesh
from dig_framework.synthesis.making import Made
from dig_framework.synthesis.recipe import Recipe
from dig_framework.testing.miniature_bop import write_bop_miniature
from dig_framework.testing.miniature_views import mesh_text
from dig_framework.testing.miniatures import write_scene_folder_miniature
from dig_framework.testing.solids import box_mesh


@pytest.fixture
def block(tmp_path):
    (tmp_path / "block.ply").write_text(mesh_text(box_mesh(0.12, 0.08, 0.06)))
    return tmp_path / "block.ply"


@pytest.fixture
def miniature(monkeypatch):
    """Scenes 1 and 2 stand for what the generator makes; tells what it was asked for."""
    asked = []

    def made(recipe, folder, count, workers):
        asked.append((recipe.family, recipe.renderer, recipe.simulator))
        write_bop_miniature(folder)
        return Made(0, 2, {})

    monkeypatch.setattr(reconstruction_scenes, "make_scenes", made)
    monkeypatch.setattr(reconstruction_scenes, "_first_installed", lambda slot, names: names[0])
    return asked


def test_a_board_is_found_in_the_depth_where_it_is_not_told(block):
    told, found = (next(single_views([block], 1, 0.4, told=told)).evidence for told in (True, False))
    assert torch.equal(told.mask, found.mask)
    assert not bool((found.occluder & found.mask).any())
    beside = torch.nn.functional.max_pool2d(told.mask[None].float(), 9, 1, 4)[0] > 0
    shared = (told.occluder & found.occluder & beside).sum() / (told.occluder & beside).sum()
    assert float(shared) > 0.95
    wrong = (found.occluder & ~told.occluder).sum() / found.occluder.sum()
    assert float(wrong) < 0.02


def test_views_are_images_with_their_truth(block):
    (view,), (sample,) = list(single_views([block], 1, 0.4)), list(view_samples([block], 1, 0.4))
    assert torch.equal(sample.observation.depth, view.evidence.observation.depth)
    assert torch.equal(sample.observation.masks[0], view.evidence.mask)
    (item,) = sample.truth.objects
    assert (item.index, item.label) == (0, "block")
    assert torch.allclose(item.posed().vertices.double(), torch.from_numpy(view.truth.vertices), atol=1e-6)


def test_only_the_first_scenes_of_a_folder_count(tmp_path, miniature):
    found = list(generated(Recipe("single"), tmp_path / "scenes", 2))
    assert [sample.name for sample in found] == ["test-000001-000003"]
    assert miniature == [("single", "embree", "mujoco")]


def test_scenes_are_drawn_by_a_ray_tracer_of_the_family(tmp_path, miniature):
    (case,) = CONDITIONS["clutter"].cases(Source(tmp_path, count=2))
    assert case.group == "test-000001"
    assert miniature == [("clutter", "embree", "mujoco")]


def test_scenes_that_cannot_be_made_are_told(tmp_path, monkeypatch, miniature):
    monkeypatch.setattr(reconstruction_scenes, "make_scenes", lambda *settings: Made(0, 1, {1: "nothing rests."}))
    with pytest.raises(InputError, match="1 scenes could not be made, such as 1: nothing rests"):
        list(generated(Recipe("single"), tmp_path, 2))


def test_without_a_ray_tracer_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(reconstruction_scenes.plugins, "offers", lambda slot: [])
    with pytest.raises(ComponentError, match="pip install dig-embree, or measure real frames"):
        list(generated(Recipe("single"), tmp_path, 1))


def test_hollow_meshes_are_ours_and_those_whose_names_say_so(tmp_path, block, monkeypatch):
    pytest.importorskip("manifold3d")
    monkeypatch.setattr(reconstruction_scenes, "HOLLOW", ("bowl",))
    monkeypatch.setattr(reconstruction_scenes, "VARIANTS", 1)
    block.rename(tmp_path / "024_bowl.ply")
    (tmp_path / "brick.ply").write_text(mesh_text(box_mesh(0.1, 0.1, 0.1)))
    folder = hollow_meshes(tmp_path / "hollow", tmp_path, 0)
    assert sorted(path.stem for path in folder.iterdir()) == ["024_bowl", "bowl-0"]
    bowl = read_mesh(folder / "bowl-0.ply")
    assert bowl.is_closed()
    hull = float((bowl.vertices.amax(0) - bowl.vertices.amin(0)).prod())
    assert 0 < float(bowl.volume()) < 0.4 * hull


def test_real_frames_are_those_of_a_folder_or_the_embedded_one(tmp_path):
    write_scene_folder_miniature(tmp_path)
    assert [case.sample.name for case in CONDITIONS["real"].cases(Source(tmp_path, tmp_path))] == ["a", "b"]
    assert [case.group for case in CONDITIONS["real"].cases(Source(tmp_path))] == ["demo"]


def test_the_scene_of_five_is_the_first_with_as_many_boxes(tmp_path):
    write_scene_folder_miniature(tmp_path)
    assert five_objects(tmp_path) == demo_scene()
    path = tmp_path / "b" / "boxes.json"
    boxes = json.loads(path.read_text())
    path.write_text(json.dumps((boxes * 3)[:5]))
    assert five_objects(tmp_path) == tmp_path / "b"


def test_time_is_told_stage_by_stage_against_the_goals(monkeypatch):
    spent = {"reference": 4.0, "slow/reference.yaml": 12.0}

    def run(config, scene, into, cache, changes):
        assert not cache.exists()
        seconds = {"segment": 3.0, "initialize": 0.5, "fit": spent[config], "grasp": 30.0}
        stages = {
            f"{name}_{key}": value
            for name, time in seconds.items()
            for key, value in (("cached", 0), ("seconds", time))
        }
        write_json(into / "metrics.json", {**stages, "peak_memory_bytes": 2**30})
        return Timed(0, 9.0, 8.0, 900.0, "")

    monkeypatch.setattr(reconstruction_time, "run_bench", run)
    monkeypatch.setattr(reconstruction_time, "run_timed", lambda command: Timed(0, 1.0, 1.0, 200.0, ""))
    monkeypatch.setitem(reconstruction_time._SECONDS, "slow/reference.yaml", 10.0)
    best, slow = time_table(None, tuple(spent)).rows
    assert (slow["boxes"], slow["reconstruction [s]"], slow["fit [s]"], slow["goal met"]) == (3, 12.5, 12.0, False)
    assert (best["reconstruction [s]"], best["after masks [s]"], best["goal met"]) == (4.5, 34.5, True)
    assert best["deform [s]"] is None
    assert (best["above torch [MiB]"], best["memory met"]) == (700.0, False)
