"""Scenes as files: the same bits back, the same vertices for viewers."""

import json

import numpy as np
import pytest
import torch
import trimesh  # noqa: TID253
from hypothesis import given, settings
from hypothesis import strategies as st
from random_scenes import CAMERA, edit, plain, random_scene

from dig_framework.atomic_files import write_atomic
from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import InputError
from dig_framework.glb_files import plane_square, scene_to_glb
from dig_framework.light import Light
from dig_framework.plane import Plane
from dig_framework.scene import Scene
from dig_framework.scene_files import load_scene, load_scene_camera, save_scene

GLTF_FROM_CAMERA = np.diag([1.0, -1.0, -1.0])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), objects=st.integers(0, 3), colored=st.booleans(), plane=st.booleans())
def test_round_trip_is_bit_exact(tmp_path_factory, seed, objects, colored, plane):
    folder = tmp_path_factory.mktemp("scene")
    scene = random_scene(seed, objects, colored, plane)
    save_scene(scene, folder, CAMERA)
    after, before = load_scene(folder), scene.baked()
    assert after.tensors().keys() == before.tensors().keys()
    differing = [name for name, value in before.tensors().items() if not torch.equal(value, after.tensors()[name])]
    assert not differing
    assert plain(after) == plain(before)
    assert after.failures == before.failures


def test_saving_what_was_loaded_gives_the_same_files(tmp_path):
    save_scene(random_scene(), tmp_path / "one", CAMERA)
    save_scene(load_scene(tmp_path / "one"), tmp_path / "two", CAMERA)
    names = ["scene.json", "scene.glb", "meshes/000.ply", "meshes/001.ply", "meshes/002.ply", "meshes/002.texture.npy"]
    names += ["meshes/001.samples.npy", "meshes/001.deviation.npy"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    found = sorted(str(path.relative_to(tmp_path / "one")) for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert found == sorted(names)


def test_camera_comes_back(tmp_path):
    save_scene(Scene(), tmp_path, CAMERA)
    camera = load_scene_camera(tmp_path)
    assert torch.equal(camera.intrinsics, CAMERA.intrinsics)
    assert (camera.width, camera.height) == (640, 480)


def test_json_is_what_other_programs_expect(tmp_path):
    """The documented format: posed meshes are all that is needed to rebuild the scene."""
    scene = random_scene()
    save_scene(scene, tmp_path, CAMERA, {1: "segment/masks/001.png"})
    values = json.loads((tmp_path / "scene.json").read_text())
    assert values["schema"] == 1
    assert values["camera"] == {"cam_K": CAMERA.intrinsics.flatten().tolist(), "width": 640, "height": 480}
    assert [entry.get("mask") for entry in values["objects"]] == [None, "segment/masks/001.png", None]
    assert set(values["objects"][1]["material"]) == {"color", "ambient", "diffuse", "specular", "shininess"}
    assert values["objects"][1]["uncertainty_m"] == 0.001
    for entry, item in zip(values["objects"], scene.objects, strict=True):
        mesh = trimesh.load(tmp_path / entry["mesh"], process=False)
        mesh.apply_transform(np.array(entry["camera_from_object"]))
        assert np.allclose(mesh.vertices, item.posed().vertices, atol=1e-6)
        assert np.array_equal(mesh.faces, item.mesh.faces)


def test_ply_shows_colour_in_srgb(tmp_path):
    scene = random_scene()
    save_scene(scene, tmp_path, CAMERA)
    item = scene.objects[1]
    seen = trimesh.load(tmp_path / "meshes" / "001.ply", process=False).visual.vertex_colors[:, :3]
    expected = srgb_from_linear(item.mesh.colors * item.material.color) * 255
    assert np.abs(seen - expected.numpy()).max() <= 0.5


def glb(scene):
    import io

    return trimesh.load(io.BytesIO(scene_to_glb(scene)), file_type="glb")


def test_glb_has_the_same_world_vertices():
    scene = random_scene()
    loaded = glb(scene)
    assert set(loaded.graph.nodes_geometry) == {"0-mug 0", "1-mug 1", "2-mug 2", "plane"}
    for item in scene.objects:
        world_from_node, name = loaded.graph[f"{item.index}-{item.label}"]
        world = trimesh.transform_points(loaded.geometry[name].vertices, world_from_node)
        assert np.abs(world - item.posed().vertices.numpy() @ GLTF_FROM_CAMERA).max() < 1e-6


def test_glb_colours_are_linear():
    scene = random_scene(colored=True)
    loaded = glb(scene)
    item = scene.objects[1]
    visual = loaded.geometry[loaded.graph["1-mug 1"][1]].visual
    assert np.abs(visual.material.baseColorFactor[:3] / 255 - item.material.color.numpy()).max() < 0.003
    assert np.abs(np.asarray(visual.vertex_attributes["color"]) - item.mesh.colors.numpy()).max() < 1e-6


def test_glb_plane_is_below_the_objects():
    scene = random_scene()
    square = plane_square(scene.plane, scene)
    assert float(scene.plane.height(square.vertices).abs().max()) < 1e-5
    # Seen from above, every object lies within the square's inscribed circle.
    centre, half = square.vertices.mean(0), (square.vertices[0] - square.vertices[1]).norm() / 2
    for item in scene.objects:
        points = item.posed().vertices
        feet = points - scene.plane.height(points)[:, None] * scene.plane.normal
        assert float((feet - centre).norm(dim=-1).max()) <= float(half) * 1.001
    assert float((square.face_normals() @ scene.plane.normal).min()) > 0


def test_glb_of_an_empty_scene():
    import struct

    data = scene_to_glb(Scene())
    magic, version, length = struct.unpack("<4sII", data[:12])
    assert (magic, version, length) == (b"glTF", 2, len(data))
    plane = Plane(torch.tensor([0.0, -0.8, -0.6]), torch.tensor(0.6))
    assert len(glb(Scene(plane=plane)).geometry) == 1
    square = plane_square(plane, Scene())
    assert torch.allclose(square.vertices.mean(0), torch.tensor([0.0, 0.0, 1.0]), atol=1e-6)


def test_nothing_is_written_of_a_broken_scene(tmp_path):
    scene = random_scene()
    lights = (Light(torch.tensor([0.0, float("nan"), 0.0]), torch.ones(3)),)
    with pytest.raises(InputError, match=r"lights\.0\.position: has values that are NaN or infinite"):
        save_scene(scene.replace(lights=lights), tmp_path, CAMERA)
    assert list(tmp_path.iterdir()) == []


def test_interrupted_saving_leaves_no_scene(tmp_path, monkeypatch):
    save_scene(random_scene(1), tmp_path, CAMERA)

    def interrupted(path, content):
        if path.name == "scene.glb":
            raise KeyboardInterrupt
        write_atomic(path, content)

    monkeypatch.setattr("dig_framework.scene_files.write_atomic", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_scene(random_scene(2), tmp_path, CAMERA)
    assert not (tmp_path / "scene.json").exists()
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_novel_view_is_refused(tmp_path):
    moved = torch.eye(4)
    moved[0, 3] = 0.1
    with pytest.raises(InputError, match="camera_from_scene is not the identity"):
        save_scene(Scene(), tmp_path, CAMERA.replace(camera_from_scene=moved))


def test_pose_without_rotation_vector(tmp_path):
    """A scene of another program: the matrix alone is enough."""
    scene = random_scene()
    save_scene(scene, tmp_path, CAMERA)
    edit(tmp_path, lambda values: values["objects"][0].pop("rotation_vector"))
    assert torch.allclose(load_scene(tmp_path).objects[0].pose.rotation, scene.objects[0].pose.rotation, atol=1e-6)
