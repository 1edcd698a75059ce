"""A scene that cannot be saved is refused in one sentence, and the last one stays."""

import pytest
import torch
from random_scenes import CAMERA, plain, random_scene

from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.light import DirectionalLight
from dig_framework.pose import Pose
from dig_framework.scene import Failure, Scene
from dig_framework.scene_files import load_scene, save_scene


def with_object(**changes):
    return lambda scene: scene.replace(objects=(*scene.objects[:2], scene.objects[2].replace(**changes)))


def with_mesh(**changes):
    """Changes that the class itself may refuse under these tests, as a user's Python never does."""

    def change(scene):
        mesh = scene.objects[2].mesh.replace()
        for name, value in changes.items():
            object.__setattr__(mesh, name, value)
        return with_object(mesh=mesh)(scene)

    return change


def with_light(light):
    return lambda scene: scene.replace(lights=(light,))


def with_plane(**changes):
    return lambda scene: scene.replace(plane=scene.plane.replace(**changes))


def with_shininess(value):
    return lambda scene: with_object(material=scene.objects[2].material.replace(shininess=torch.tensor(value)))(scene)


NAN, INF, NO_FACES = float("nan"), float("inf"), torch.zeros(0, 3, dtype=torch.int64)
UNSAVABLE = {
    "mass NaN": (with_object(mass=NAN), "scene.json: object 2: mass_kg is nan; give a finite number."),
    "mass infinite": (with_object(mass=INF), "scene.json: object 2: mass_kg is inf; give a finite number."),
    "mass negative": (with_object(mass=-0.1), "scene.json: object 2: mass_kg is -0.1; give a number of at least 0."),
    "friction NaN": (with_object(friction=NAN), "scene.json: object 2: friction is nan; give a finite number."),
    "friction negative": (with_object(friction=-1.0), "scene.json: object 2: friction is -1.0; give a number of at"),
    "uncertainty": (with_object(uncertainty=-INF), "scene.json: object 2: uncertainty_m is -inf; give a finite number"),
    "no vertices": (
        with_mesh(vertices=torch.zeros(0, 3), faces=NO_FACES),
        "object 2 'mug 2': mesh.vertices has shape (0, 3), a file holds [n, 3] and nothing empty; correct it or leave "
        "the object out.",
    ),
    "no faces": (with_mesh(faces=NO_FACES), "object 2 'mug 2': mesh.faces has shape (0, 3), a file holds [n, 3] and"),
    "wild face": (
        with_mesh(faces=torch.tensor([[0, 1, 24]])),
        "object 2 'mug 2': faces name vertices 0 to 24 of 8; give indices of vertices that exist.",
    ),
    "texture without rows": (
        with_mesh(texture=torch.zeros(0, 4, 3)),
        "object 2 'mug 2': mesh.texture has shape (0, 4, 3), a file holds [n, n, 3] and nothing empty;",
    ),
    "texture with alpha": (
        with_mesh(texture=torch.zeros(2, 4, 4)),
        "object 2 'mug 2': mesh.texture has shape (2, 4, 4), a file holds [n, n, 3] and nothing empty;",
    ),
    "texture without uv": (with_mesh(uv=None), "object 2 'mug 2': has a texture but no uv; give each vertex its place"),
    "shininess": (
        with_shininess(-1.0),
        "scene.json: object 2: material: shininess is -1.0; give a number of at least 0.",
    ),
    "half a surrogate pair": (
        with_object(label="mug \ud800"),
        'scene.json: \'"label": "mug \\ud800",\' has a character that UTF-8 cannot write; remove it.',
    ),
    "light": (
        with_light(DirectionalLight(torch.zeros(3), torch.ones(3))),
        "scene.json: light 0: direction is [0, 0, 0]; it must point towards the light.",
    ),
    "normal": (
        with_plane(normal=torch.tensor([0.0, 0.0, 2.0])),
        "scene.json: plane: normal has length 2; it must be a unit vector.",
    ),
    "offset beyond float32": (
        with_plane(offset=torch.tensor(1e39, dtype=torch.float64)),
        "plane.offset: has values that are NaN or infinite; a scene is saved only when it is whole.",
    ),
    "negative index": (with_object(index=-1), "scene: an object has index -1; give the position of its box, from 0."),
    "index twice": (
        with_object(index=1),
        "scene: two objects have index 1; each needs the position of its own box.",
    ),
    "too far apart for viewers": (
        with_object(pose=Pose(torch.full((3,), 3e38), torch.zeros(3))),
        "scene.glb: positions overflow float32",
    ),
    "failure": (
        lambda scene: scene.replace(failures=(Failure("glass", -7, "initialize", "no depth"),)),
        "scene.json: failure 0: index is -7; give an integer of at least 0.",
    ),
}


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", UNSAVABLE)
def test_a_scene_that_cannot_be_saved_leaves_the_last_one(tmp_path, case):
    change, expected = UNSAVABLE[case]
    save_scene(random_scene(1), tmp_path, CAMERA)
    before = content(tmp_path)
    with pytest.raises(InputError) as error:
        save_scene(change(random_scene(2)), tmp_path, CAMERA)
    assert str(error.value).replace(f"{tmp_path}/", "", 1).startswith(expected)
    assert content(tmp_path) == before


def test_camera_that_would_not_load_is_refused(tmp_path):
    wrong = Camera(torch.diag(torch.tensor([NAN, 500.0, 1.0])), 640, 480)
    with pytest.raises(InputError, match=r"camera: K = .* has values that are not finite"):
        save_scene(Scene(), tmp_path, wrong)
    assert content(tmp_path) == {}


def test_numbers_at_the_edge_come_back(tmp_path):
    """Zero mass, a rotation of many turns and negative zeros are odd, and still what was given."""
    pose = Pose(torch.tensor([-0.0, 1e-30, 0.5]), torch.tensor([1e6, -3e5, 1e-20]))
    scene = with_object(mass=0.0, friction=0.0, uncertainty=0.0, pose=pose, label="\r\n\u0000 «»")(random_scene())
    save_scene(scene, tmp_path, CAMERA)
    after = load_scene(tmp_path)
    assert plain(after) == plain(scene.baked())
    for name, value in scene.baked().tensors().items():
        same = after.tensors()[name].numpy().tobytes() == value.contiguous().numpy().tobytes()
        assert same, name
