"""One clear sentence for every damage of a scene's files."""

import numpy as np
import pytest
import trimesh  # noqa: TID253
from random_scenes import CAMERA, edit, random_scene

from dig_framework.errors import InputError
from dig_framework.scene_files import load_scene, save_scene


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


def set_value(part, **fields):
    """Change a part of `scene.json`, given by its keys."""

    def change(values):
        for key in part:
            values = values[key]
        values.update(fields)

    return broken(change)


def texture(change):
    """Change the bytes of the file of a texture."""

    def damage(folder):
        path = folder / "meshes" / "002.texture.npy"
        path.write_bytes(change(path.read_bytes()))

    return damage


def nan_vertex(folder):
    path = folder / "meshes" / "001.ply"
    start, mark, body = path.read_bytes().partition(b"end_header\n")
    path.write_bytes(start + mark + np.float32("nan").tobytes() + body[4:])


def square_face(folder):
    path = folder / "meshes" / "001.ply"
    data = path.read_bytes()
    path.write_bytes(data[:-13] + b"\x04" + data[-12:])


def announced_in_thousands_of_digits(folder):
    path = folder / "meshes" / "001.ply"
    path.write_bytes(path.read_bytes().replace(b"vertex 162", b"vertex " + 5000 * b"9"))


def many_textures(folder):
    with (folder / "meshes" / "002.texture.npy").open("wb") as stream:
        np.savez(stream, np.zeros((2, 2, 3), np.float32))


HUGE, NAN = 10**400, float("nan")
SHOWN = "1" + 59 * "0" + "... (401 characters)"
NO_TEXTURE = "meshes/002.texture.npy: is no numpy file of numbers; write textures with save_scene."
TWO_LIGHTS = "a light has either position and intensity, or direction and intensity, or coefficients alone."
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
        "material, mask, converged, uncertainty_m, mass_kg, friction, texture, "
        "posterior; did you mean 'label'?",
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
    "several textures": (many_textures, NO_TEXTURE),
    "texture that begins like an archive": (texture(lambda data: b"PK\x03\x04" + data), NO_TEXTURE),
    "texture of nothing": (texture(lambda data: b""), NO_TEXTURE),
    "texture cut in its header": (texture(lambda data: data[:30]), NO_TEXTURE),
    "texture with an open bracket": (texture(lambda data: data.replace(b"(5, 7, 3)", b"(5, 7, 3(")), NO_TEXTURE),
    "texture with a broken header": (texture(lambda data: data.replace(b"'shape'", b"\x00shape'")), NO_TEXTURE),
    "texture of giant shape": (
        texture(lambda data: data.replace(b"(5, 7, 3), }" + 12 * b" ", b"(5" + 12 * b"0" + b", 7, 3), }")),
        "meshes/002.texture.npy: holds 420 bytes of data, its header announces 420000000000000; it is damaged.",
    ),
    "texture cut": (
        texture(lambda data: data[:-1]),
        "meshes/002.texture.npy: holds 419 bytes of data, its header announces 420; it is damaged.",
    ),
    "texture with a NaN": (
        texture(lambda data: data[:-4] + np.float32("nan").tobytes()),
        "meshes/002.texture.npy: has values that are NaN or infinite; give finite reflectances.",
    ),
    "texture without places": (
        set_object("texture", "meshes/002.texture.npy"),
        "scene.json: object 1: has a texture, but {folder}/meshes/001.ply has no s and t; add them or drop the",
    ),
    "mesh whose name has a zero": (
        set_object("mesh", "a\u0000b"),
        "'{folder}/a\\x00b': is no name that a file can have (embedded null byte); correct it.",
    ),
    "huge mass": (set_object("mass_kg", HUGE), f"scene.json: object 1: mass_kg is {SHOWN}; give a finite number."),
    "negative mass": (set_object("mass_kg", -1), "scene.json: object 1: mass_kg is -1; give a number of at least 0."),
    "huge index": (
        set_object("index", HUGE),
        f"scene.json: object 1: index is {SHOWN}; give an integer of at most 2147483647.",
    ),
    "huge intensity": (
        set_value(("lights", 0), intensity=[1, -HUGE, 0]),
        "scene.json: light 0: intensity is [1, -inf, 0]; give 3 numbers that are finite in float32.",
    ),
    "huge matrix": (
        set_object("camera_from_object", [HUGE] * 16),
        "scene.json: object 1: camera_from_object is not rigid",
    ),
    "index twice": (
        set_object("index", 0),
        "scene.json: two objects have index 0; each needs the position of its own box.",
    ),
    "far": (
        set_object("camera_from_object", [[1, 0, 0, 1e39], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
        "scene.json: object 1: camera_from_object moves beyond what float32 can hold; give it in metres.",
    ),
    "mask": (set_object("mask", 3), "scene.json: object 1: mask is 3; give a text."),
    "number of thousands of digits": (
        lambda folder: (folder / "scene.json").write_text('{"schema": ' + 5000 * "1" + "}"),
        "scene.json: has a number of thousands of digits;",
    ),
    "nested": (lambda folder: (folder / "scene.json").write_text(200000 * "["), "scene.json: nests too deeply;"),
    "ambient light that is NaN": (
        set_value(("lights", 2), coefficients=[NAN] * 27),
        "scene.json: light 2: coefficients is [nan, nan,",
    ),
    "ambient light beyond float32": (
        set_value(("lights", 2), coefficients=[1e39] * 27),
        "scene.json: light 2: coefficients is [inf, inf,",
    ),
    "offset beyond float32": (
        set_value(("plane",), offset=1e39),
        "scene.json: plane: offset is 1e+39; give a number that float32 can hold.",
    ),
    "plane's material": (set_value(("plane",), material={}), "scene.json: plane material: has no 'ambient'"),
    "shininess beyond float32": (
        set_value(("objects", 1, "material"), shininess=1e39),
        "scene.json: object 1: material: shininess is 1e+39; give a number that float32 can hold.",
    ),
    "shininess": (
        set_value(("objects", 1, "material"), shininess=-0.5),
        "scene.json: object 1: material: shininess is -0.5; give a number of at least 0.",
    ),
    "light of two kinds": (
        set_value(("lights", 0), direction=[0, 0, 1]),
        f"scene.json: light 0: holds position, intensity, direction; {TWO_LIGHTS}",
    ),
    "ambient light with an intensity": (
        set_value(("lights", 2), intensity=[1, 1, 1]),
        f"scene.json: light 2: holds coefficients, intensity; {TWO_LIGHTS}",
    ),
    "light of no kind": (
        broken(lambda values: values["lights"][0].pop("position")),
        f"scene.json: light 0: holds intensity; {TWO_LIGHTS}",
    ),
    "vertex that is NaN": (nan_vertex, "meshes/001.ply: has vertices that are NaN or infinite; it is damaged."),
    "face of four corners": (square_face, "meshes/001.ply: a face has 4 corners; it is damaged."),
    "vertices in thousands of digits": (
        announced_in_thousands_of_digits,
        "meshes/001.ply: announces no vertices or no faces; it is damaged.",
    ),
    "failure": (
        broken(lambda values: values["failures"][0].update(reason=None)),
        "scene.json: failure 0: reason is None; give a text.",
    ),
    "no mesh": (
        lambda folder: (folder / "meshes" / "001.ply").unlink(),
        "meshes/001.ply: no such file; its folder holds 000.ply, 001.deviation.npy, 001.samples.npy, 002.ply, "
        "002.texture.npy.",
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
    whole = expected.replace("{folder}", str(tmp_path))
    assert str(error.value) == whole or str(error.value).replace(f"{tmp_path}/", "", 1).startswith((expected, whole))
