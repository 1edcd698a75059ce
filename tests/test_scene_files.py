"""Scenes as files: the same bits back, the same vertices for viewers, and one clear sentence for every damage."""

import json

import numpy as np
import pytest
import torch
import trimesh  # noqa: TID253
from hypothesis import given, settings
from hypothesis import strategies as st

from dig_framework.camera import Camera
from dig_framework.color_space import srgb_from_linear
from dig_framework.errors import InputError
from dig_framework.glb_files import plane_square, scene_to_glb
from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Failure, Scene, SceneObject
from dig_framework.scene_files import load_scene, load_scene_camera, save_scene
from dig_framework.testing.solids import box_mesh, sphere_mesh

CAMERA = Camera.from_focal(500.0, 510.0, 321.0, 239.0, 640, 480)
GLTF_FROM_CAMERA = np.diag([1.0, -1.0, -1.0])


def random_material(generator):
    values = torch.rand(7, generator=generator)
    return Material(values[:3], values[3], values[4], values[5], 100 * values[6])


def random_object(index, generator, colored):
    mesh = sphere_mesh(0.05, 2) if index % 2 else box_mesh(0.05, 0.08, 0.03)
    if colored:
        mesh = mesh.replace(colors=torch.rand(len(mesh.vertices), 3, generator=generator))
    if index == 2:
        uv = torch.rand(len(mesh.vertices), 2, generator=generator)
        mesh = mesh.replace(uv=uv, texture=torch.rand(5, 7, 3, generator=generator))
    pose = Pose(
        torch.rand(3, generator=generator) + torch.tensor([-0.5, -0.5, 0.5]),
        4 * torch.rand(3, generator=generator) - 2,
    )
    return SceneObject(
        f"mug {index}",
        index,
        mesh,
        pose,
        random_material(generator),
        torch.rand(3, generator=generator) + 0.5,
        mass=0.1 * index if index else None,
        friction=0.5 if index else None,
        converged=index != 2,
        uncertainty=0.001 * index if index else None,
    )


def random_scene(seed=0, objects=3, colored=True, plane=True):
    generator = torch.Generator().manual_seed(seed)
    normal = torch.nn.functional.normalize(torch.rand(3, generator=generator) - torch.tensor([0.5, 1.5, 1.5]), dim=0)
    return Scene(
        tuple(random_object(index, generator, colored) for index in range(objects)),
        (
            Light(torch.rand(3, generator=generator), torch.rand(3, generator=generator)),
            DirectionalLight(torch.rand(3, generator=generator), torch.rand(3, generator=generator)),
            AmbientLight(torch.rand(9, 3, generator=generator)),
        ),
        Plane(normal, torch.rand((), generator=generator), random_material(generator)) if plane else None,
        (Failure("glass", 7, "initialize", "no depth: «transparent»"),),
    )


def plain(scene):
    """What is no tensor."""
    return [
        (item.label, item.index, item.mass, item.friction, item.converged, item.uncertainty) for item in scene.objects
    ]


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
    monkeypatch.setattr("dig_framework.scene_files.scene_to_glb", lambda scene: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_scene(random_scene(2), tmp_path, CAMERA)
    assert not (tmp_path / "scene.json").exists()
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_same_index_twice(tmp_path):
    scene = random_scene(objects=1)
    with pytest.raises(InputError, match="two objects have index 0; each needs the position of its own box"):
        save_scene(scene.replace(objects=scene.objects * 2), tmp_path, CAMERA)


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


def edit(folder, change):
    values = json.loads((folder / "scene.json").read_text())
    change(values)
    (folder / "scene.json").write_text(json.dumps(values))


def broken(change):
    return lambda folder: edit(folder, change)


def set_object(key, value):
    return broken(lambda values: values["objects"][1].update({key: value}))


def cut(folder):
    path = folder / "meshes" / "001.ply"
    path.write_bytes(path.read_bytes()[:-13])


def wild_face(folder):
    path = folder / "meshes" / "001.ply"
    path.write_bytes(path.read_bytes()[:-4] + b"\xff\xff\x00\x00")


DAMAGES = {
    "no file": (
        lambda folder: (folder / "scene.json").unlink(),
        "scene.json: no such file; its folder holds meshes, scene.glb.",
    ),
    "bad JSON": (
        lambda folder: (folder / "scene.json").write_text("{"),
        "scene.json: no valid JSON at line 1, column 2 (Expecting property name enclosed in double quotes); correct it "
        "there.",
    ),
    "schema": (
        broken(lambda values: values.update(schema=2)),
        "scene.json: has schema 2, this version reads 1; use the version that wrote it.",
    ),
    "no objects": (
        broken(lambda values: values.pop("objects")),
        "scene.json: has no 'objects'; it holds schema, camera, plane, lights, failures, so add it.",
    ),
    "unknown key": (
        set_object("lable", "mug"),
        "scene.json: object 1: 'lable' is unknown, it takes label, index, mesh, camera_from_object, rotation_vector, "
        "material, mask, converged, uncertainty_m, mass_kg, friction, texture; did you mean 'label'?",
    ),
    "index": (set_object("index", -1), "scene.json: object 1: index is -1; give an integer of at least 0."),
    "converged": (set_object("converged", 1), "scene.json: object 1: converged is 1; give true or false."),
    "mass": (set_object("mass_kg", "heavy"), "scene.json: object 1: mass_kg is 'heavy'; give a finite number."),
    "matrix": (
        set_object("camera_from_object", [[1, 0], [0, 1]]),
        "scene.json: object 1: camera_from_object has 4 numbers; give 16.",
    ),
    "scaled": (
        set_object("camera_from_object", np.diag([2.0, 2.0, 2.0, 1.0]).tolist()),
        "scene.json: object 1: camera_from_object is not rigid, its rotation is off by 3; give rotation and "
        "translation [m] above 0 0 0 1.",
    ),
    "rotations differ": (
        set_object("camera_from_object", np.eye(4).tolist()),
        "scene.json: object 1: rotation_vector and camera_from_object differ by",
    ),
    "material": (
        broken(lambda values: values["objects"][1]["material"].pop("shininess")),
        "scene.json: object 1: material: has no 'shininess'; it holds color, ambient, diffuse, specular, so add it.",
    ),
    "normal": (
        broken(lambda values: values["plane"].update(normal=[0, 0, 2])),
        "scene.json: plane: normal has length 2; it must be a unit vector.",
    ),
    "light": (
        broken(lambda values: values["lights"][0].update(position=[0, 1])),
        "scene.json: light 0: position has 2 numbers; give 3.",
    ),
    "direction": (
        broken(lambda values: values["lights"][1].update(direction=[0, 0, 0])),
        "scene.json: light 1: direction is [0, 0, 0]; it must point towards the light.",
    ),
    "ambient light": (
        broken(lambda values: values["lights"][2].update(coefficients=[[1, 2, 3]])),
        "scene.json: light 2: coefficients has 3 numbers; give 27.",
    ),
    "texture of the wrong shape": (
        lambda folder: np.save(folder / "meshes" / "002.texture.npy", np.zeros((2, 2), np.float32)),
        "meshes/002.texture.npy: holds float32 of shape (2, 2); a texture is float32 [rows, columns, 3].",
    ),
    "texture that is none": (
        lambda folder: (folder / "meshes" / "002.texture.npy").write_text("colour"),
        "meshes/002.texture.npy: is no numpy file of numbers; write textures with save_scene.",
    ),
    "failure": (
        broken(lambda values: values["failures"][0].update(reason=None)),
        "scene.json: failure 0: reason is None; give a text.",
    ),
    "no mesh": (
        lambda folder: (folder / "meshes" / "001.ply").unlink(),
        "meshes/001.ply: no such file; its folder holds 000.ply, 002.ply, 002.texture.npy.",
    ),
    "truncated mesh": (cut, "meshes/001.ply: holds 8521 bytes of data, its header announces 8534; it is damaged."),
    "wild face": (wild_face, "meshes/001.ply: a face names vertex 65535 of 162; it is damaged."),
    "text mesh": (
        lambda folder: (folder / "meshes" / "001.ply").write_text("ply\nformat ascii 1.0\nend_header\n"),
        "meshes/001.ply: is no binary little-endian PLY file; write it with save_scene.",
    ),
    "other mesh": (
        lambda folder: trimesh.creation.box().export(folder / "meshes" / "001.ply"),
        "meshes/001.ply: its properties are not those that save_scene writes; load it with trimesh instead.",
    ),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damage(tmp_path, case):
    damage, expected = DAMAGES[case]
    save_scene(random_scene(), tmp_path, CAMERA)
    damage(tmp_path)
    with pytest.raises(InputError) as error:
        load_scene(tmp_path)
    assert str(error.value).replace(f"{tmp_path}/", "", 1).startswith(expected)
