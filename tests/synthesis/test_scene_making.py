import filecmp
import importlib
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from dig_framework import plugins
from dig_framework.bop_files import load_bop_image
from dig_framework.cli import main
from dig_framework.errors import ComponentError, InputError
from dig_framework.image_files import read_depth, read_mask
from dig_framework.scene_fields import light_from_json, material_from_json, plane_from_json
from dig_framework.synthesis.catalogue import Household, Primitives
from dig_framework.synthesis.making import make_scenes
from dig_framework.synthesis.packing import pushed_together, touching_group
from dig_framework.synthesis.placed import Placed
from dig_framework.synthesis.recipe import Recipe
from dig_framework.synthesis.scene_making import SPLIT
from dig_framework.synthesis.viewpoint import looking_at, random_camera

spatial = importlib.import_module("scipy.spatial")

RECIPE = Recipe("primitives", seed=5, renderer="raster", sensor="harsh", simulator="quasi-static")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Return a set of two scenes by what comes with the core, each made in a process of its own."""
    folder = tmp_path_factory.mktemp("scenes") / "set"
    made = make_scenes(RECIPE, folder, 2, workers=2)
    assert (made.there, made.made, made.failures) == (0, 2, {})
    return folder


@pytest.fixture
def scene(dataset):
    return dataset / SPLIT / "000000"


def table(scene, name):
    return json.loads((scene / f"{name}.json").read_text())["0"]


def same_files(first, second):
    difference = filecmp.dircmp(first, second)
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    others = sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert names == others
    assert not difference.left_only
    return all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_the_camera_reads_it(dataset, scene):
    camera = plugins.load("camera", "bop").model_validate({"path": str(dataset)})
    for _ in range(2):
        shot = camera.capture()
        assert shot.color.shape == (480, 640, 3)
        assert shot.masks is not None
        assert len(shot.masks) == len(shot.boxes) >= 1
    assert torch.equal(load_bop_image(scene, 0).color, load_bop_image(scene).color)


def model_points(dataset, number):
    import trimesh

    mesh = trimesh.load(dataset / "models" / f"obj_{number:06d}.ply", process=False)
    assert mesh.is_watertight
    return np.asarray(trimesh.sample.sample_surface(mesh, 40000, seed=0)[0]) / 1000


def test_true_depth_lies_on_the_posed_models_and_on_the_plane(dataset, scene):
    truth, depth = table(scene, "dig_truth"), read_depth(scene / "depth_true" / "000000.png", 0.1).double().numpy()
    k = np.array(truth["cam_K_true"]).reshape(3, 3)
    v, u = np.mgrid[0:480, 0:640]
    points = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(k).T * depth[..., None]
    somewhere = np.zeros(depth.shape, bool)
    for index, entry in enumerate(table(scene, "scene_gt")):
        mask = read_mask(scene / "mask_visib_true" / f"000000_{index:06d}.png").numpy()
        somewhere |= mask
        if mask.sum() < 30:
            continue
        rotation, place = np.array(entry["cam_R_m2c"]).reshape(3, 3), np.array(entry["cam_t_m2c"]) / 1000
        surface = model_points(dataset, entry["obj_id"]) @ rotation.T + place
        gaps = spatial.KDTree(surface).query(points[mask])[0]
        assert np.quantile(gaps, 0.95) < 0.0015
    plane = plane_from_json(truth["plane"], "plane")
    heights = plane.height(torch.from_numpy(points).float()).numpy()
    table_seen = ~somewhere & (depth > 0) & (np.abs(heights) < 0.005)
    assert table_seen.mean() > 0.1
    assert np.abs(heights[table_seen]).max() < 2e-4


def test_things_stand_on_the_plane(dataset, scene):
    plane = plane_from_json(table(scene, "dig_truth")["plane"], "plane")
    for entry in table(scene, "scene_gt"):
        rotation, place = np.array(entry["cam_R_m2c"]).reshape(3, 3), np.array(entry["cam_t_m2c"]) / 1000
        points = model_points(dataset, entry["obj_id"]) @ rotation.T + place
        assert float(plane.height(torch.from_numpy(points).float()).min()) == pytest.approx(0, abs=0.0015)


def test_masks_boxes_and_counts_agree(scene):
    truth = table(scene, "dig_truth")
    for index, info in enumerate(table(scene, "scene_gt_info")):
        whole, true, said = (
            read_mask(scene / kind / f"000000_{index:06d}.png").numpy()
            for kind in ("mask", "mask_visib_true", "mask_visib")
        )
        assert not (true & ~whole).any()
        assert info["px_count_all"] == whole.sum()
        assert info["px_count_visib"] == true.sum()
        assert info["visib_fract"] == pytest.approx(true.sum() / whole.sum(), abs=1e-5)
        left, top, right, bottom = truth["boxes_true"][index]
        rows, columns = np.nonzero(true)
        assert (left, top, right, bottom) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert 0.5 < (said & true).sum() / (said | true).sum() < 1.0


def test_harsh_changes_what_it_says(scene):
    truth, camera = table(scene, "dig_truth"), table(scene, "scene_camera")
    assert abs(camera["cam_K"][0] / truth["cam_K_true"][0] - 1) == pytest.approx(0.01, abs=1e-5)
    measured, true = (read_depth(scene / kind / "000000.png", 0.1) for kind in ("depth", "depth_true"))
    both = (measured > 0) & (true > 0) & (true < 1)
    error = (measured - true)[both].abs()
    assert 0.0012 < float(error.median()) < 0.004
    assert 0.01 < float((error > 0.05).double().mean()) < 0.06


def test_what_bop_has_no_place_for_is_read_back(scene):
    truth, poses = table(scene, "dig_truth"), table(scene, "scene_gt")
    assert len(truth["objects"]) == len(poses)
    for item in truth["objects"]:
        assert float(material_from_json(item["material"], "material").diffuse) > 0
        assert item["mass"] > 0
        assert item["friction"] > 0
    lights = [light_from_json(light, "light") for light in truth["lights"]]
    plane = plane_from_json(truth["plane"], "plane")
    assert 1 <= len(lights) <= 3
    assert all(float(plane.height(light.position)) > 0.5 for light in lights)
    assert float(plane.offset) > 0.1


def test_models_have_sizes_and_symmetries(dataset, scene):
    infos = json.loads((dataset / "models" / "models_info.json").read_text())
    for entry in table(scene, "scene_gt"):
        info = infos[str(entry["obj_id"])]
        sides = np.array([info[f"size_{axis}"] for axis in "xyz"])
        assert sides.max() <= info["diameter"] <= np.linalg.norm(sides) + 1e-3
        assert "symmetries_discrete" in info or "symmetries_continuous" in info


def test_goes_on_where_it_was_interrupted_with_the_same_bytes_in_one_process_as_in_two(dataset, tmp_path):
    copy = tmp_path / "copy"
    (copy / SPLIT / ".000000.killed").mkdir(parents=True)
    (copy / "dig_scenes.json").write_bytes((dataset / "dig_scenes.json").read_bytes())
    seen = []
    made = make_scenes(RECIPE, copy, 1, report=lambda done, whole: seen.append((done, whole)))
    assert (made.there, made.made) == (0, 1)
    assert seen == [(0, 1), (1, 1)]
    assert same_files(copy / SPLIT / "000000", dataset / SPLIT / "000000")
    assert not list((copy / SPLIT).glob(".*"))
    again = make_scenes(RECIPE, copy, 1)
    assert (again.there, again.made) == (1, 0)


def test_another_recipe_is_refused(dataset, tmp_path):
    with pytest.raises(InputError, match=r"another recipe.*seed 5, not 6"):
        make_scenes(Recipe("primitives", 6, "raster", "harsh", "quasi-static"), dataset, 1)
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(InputError, match="not empty"):
        make_scenes(RECIPE, tmp_path, 1)


def test_unknown_parts_are_named(tmp_path):
    for changes, text in (
        ({"renderer": "povray"}, "no renderer is called 'povray'"),
        ({"simulator": "bullet"}, "no simulator is called 'bullet'"),
        ({"family": "clutter"}, "does not claim.*mujoco"),
    ):
        wanted = {"family": "single", "renderer": "raster", "simulator": "quasi-static", **changes}
        with pytest.raises(ComponentError, match=text):
            make_scenes(Recipe(**wanted), tmp_path / "new", 1)
    with pytest.raises(InputError, match="no folder"):
        make_scenes(Recipe("single", 0, "raster", "none", "quasi-static", tmp_path / "gone"), tmp_path / "new", 1)
    assert not (tmp_path / "new").exists()


def listen_to_interruptions():
    """Undo what shells do to commands in the background, which would not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interruption_ends_the_processes_and_leaves_no_half_scene(tmp_path):
    words = "scenes make set --family primitives --renderer raster --simulator quasi-static --count 9 --workers 2"
    command = [sys.executable, "-m", "dig_framework.cli", *words.split()]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               preexec_fn=listen_to_interruptions)  # fmt: skip
    while process.poll() is None and not (tmp_path / "set" / "dig_scenes.json").exists():
        time.sleep(0.1)
    time.sleep(1.0)  # Its processes are starting by now, and nine scenes take far longer.
    process.send_signal(signal.SIGINT)
    try:
        _, complaint = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "interrupted" in complaint
    for scene in (tmp_path / "set" / SPLIT).glob("0*"):
        assert (scene / "dig_truth.json").exists()


def test_the_command_line_says_what_it_made(dataset, capsys):
    words = ["--family", "primitives", "--renderer", "raster", "--sensor", "harsh", "--simulator", "quasi-static"]
    assert main(["scenes", "make", str(dataset), *words, "--seed", "5", "--count", "2", "--workers", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == ["0 scenes made, 2 were there", str(dataset)]


def test_cameras_look_where_they_are_told_and_roll_about_their_axis():
    camera = random_camera(np.random.default_rng(0))
    view = looking_at(np.array([0.1, -0.2, 0.05]), 0.6, 0.7, 2.0, camera)
    local = view.camera_from_table @ [0.1, -0.2, 0.05, 1]
    assert np.allclose(local, [0, 0, 0.6, 1])
    assert np.linalg.det(view.camera_from_table[:3, :3]) == pytest.approx(1)
    assert (view.camera_from_table[:3, :3] @ [0, 0, 1])[1] < 0
    rolled = view.rolled(np.pi / 2)
    assert np.allclose((rolled.camera_from_table @ [0.1, -0.2, 0.05, 1])[:3], [0, 0, 0.6])
    up = rolled.camera_from_table[:3, :3] @ [0, 0, 1]
    assert abs(up[0]) > abs(up[1])


def test_things_are_pushed_together_until_they_touch():
    catalogue, rng = Primitives(0), np.random.default_rng(1)
    things = [Placed(number, catalogue.model(number), np.eye(4)).lifted(0.0) for number in (1, 13, 25, 37)]
    packed = pushed_together(things, rng)
    assert len(touching_group(packed)) >= 3
    apart = [thing.moved((0.3 * index, 0, 0)) for index, thing in enumerate(things)]
    assert len(touching_group(apart)) == 1
    flats = [thing.points()[:, :2] for thing in packed]
    for i, first in enumerate(flats):
        for second in flats[:i]:
            gap = np.linalg.norm(first[:, None] - second[None], axis=-1).min()
            assert gap > 0.0005


def test_all_household_numbers_have_a_kind():
    catalogue = Household(0)
    kinds = [catalogue.kind(number) for number in range(1, catalogue.count() + 1)]
    assert kinds == sorted(kinds)
    assert catalogue.model(1).name == "apple-0"
