import importlib
import json

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError
from dig_framework.synthesis.bop_models import bop_ply, diameter, model_info
from dig_framework.synthesis.household import KINDS, household_model
from dig_framework.synthesis.mesh_folder import folder_model, mesh_files
from dig_framework.synthesis.primitives import SHAPES, cube_turns, primitive_model

trimesh = importlib.import_module("trimesh")
spatial = importlib.import_module("scipy.spatial")

MODELS = [*((household_model, kind) for kind in KINDS), *((primitive_model, shape) for shape in SHAPES)]


@pytest.fixture(scope="module", params=MODELS, ids=lambda pair: pair[1])
def model(request):
    make, kind = request.param
    return make(kind, 1, 0)


def test_there_are_many_kinds():
    assert len(KINDS) >= 20


def test_is_one_closed_body_of_a_household_size(model):
    mesh = model.surface
    assert mesh.is_closed()
    assert trimesh.Trimesh(mesh.vertices.numpy(), mesh.faces.numpy(), process=False).body_count == 1
    sides = (mesh.vertices.amax(0) - mesh.vertices.amin(0)).tolist()
    assert min(sides) > 0.005
    assert 0.03 < max(sides) < 0.32
    assert float((mesh.vertices.amax(0) + mesh.vertices.amin(0)).abs().max()) < 1e-6
    assert 0.002 < model.mass < 3.0
    assert 0.1 < model.mass / float(mesh.volume()) / 1000 < 10


def test_looks_are_the_same_surface(model):
    looks, surface = model.looks, model.surface
    assert looks.vertices[looks.faces].shape == surface.vertices[surface.faces].shape
    assert torch.equal(looks.vertices[looks.faces], surface.vertices[surface.faces])
    assert looks.texture is not None
    assert float(looks.texture.min()) >= 0
    assert float(looks.texture.max()) <= 1
    assert float(looks.uv[:, 1].min()) >= 0
    assert float(looks.uv[:, 1].max()) <= 1


def test_symmetries_leave_the_shape_alone(model):
    vertices = model.surface.vertices.double().numpy()
    mesh = trimesh.Trimesh(vertices, model.surface.faces.numpy(), process=False)
    points, _ = trimesh.sample.sample_surface(mesh, 4000, seed=0)
    turns = [np.array(matrix) for matrix in model.symmetry.discrete]
    if model.symmetry.axis is not None:
        turns += [trimesh.transformations.rotation_matrix(angle, model.symmetry.axis)[:3, :3] for angle in (1.0, 2.5)]
    dense = spatial.KDTree(trimesh.sample.sample_surface(mesh, 60000, seed=1)[0])
    usual = np.quantile(dense.query(points)[0], 0.999)
    for turn in turns:
        assert np.quantile(dense.query(points @ turn.T)[0], 0.98) < usual + 0.0025


def test_ply_is_read_back_by_others(model, tmp_path):
    (tmp_path / "model.ply").write_bytes(bop_ply(model))
    loaded = trimesh.load(tmp_path / "model.ply", process=False)
    assert np.allclose(loaded.vertices, 1000 * model.surface.vertices.numpy(), atol=1e-4)
    assert np.array_equal(loaded.faces, model.surface.faces.numpy())
    assert loaded.visual.kind == "vertex"


def test_the_same_seed_gives_the_same_model():
    for make, kind in ((household_model, "mug"), (primitive_model, "cone")):
        first, again, other = make(kind, 0, 3), make(kind, 0, 3), make(kind, 0, 4)
        assert all(
            torch.equal(a, b)
            for a, b in zip(first.looks.tensors().values(), again.looks.tensors().values(), strict=True)
        )
        assert not torch.equal(first.surface.vertices.amax(0), other.surface.vertices.amax(0))


def test_a_cube_has_23_other_turns():
    turns = [np.array(turn) for turn in cube_turns()]
    assert len({turn.tobytes() for turn in turns}) == 23
    assert all(np.linalg.det(turn) == pytest.approx(1) for turn in turns)


def test_info_has_the_largest_distance_and_symmetries():
    info = model_info(primitive_model("ball", 0, 0))
    assert info["diameter"] == pytest.approx(info["size_z"], rel=1e-3)
    assert info["symmetries_continuous"] == [{"axis": [0.0, 0.0, 1.0], "offset": [0, 0, 0]}]
    assert diameter(np.array([[x, y, z] for x in (0, 1) for y in (0, 2) for z in (0, 2)], float)) == pytest.approx(3)


def saved(folder, name, mesh):
    folder.mkdir(exist_ok=True)
    mesh.export(folder / name)
    return folder / name


def test_folder_gives_masses_and_leaves_collision_meshes_out(tmp_path):
    box = trimesh.creation.box((0.05, 0.06, 0.07))
    for name in ("a.ply", "b.ply", "b_collision.ply"):
        saved(tmp_path, name, box)
    assert [name for name, _, _ in mesh_files(tmp_path)] == ["a", "b"]
    (tmp_path / "index.json").write_text(json.dumps({"objects": [{"name": "x", "obj": "b.ply", "mass_kg": 0.3}]}))
    name, path, mass = mesh_files(tmp_path)[0]
    found = folder_model(name, path, mass)
    assert (found.name, found.mass) == ("x", 0.3)
    assert found.surface.is_closed()
    assert float(found.surface.volume()) == pytest.approx(0.05 * 0.06 * 0.07, rel=1e-5)


def test_wrong_meshes_are_named(tmp_path):
    whole = trimesh.creation.box((0.05, 0.06, 0.07))
    cases = {
        "millimetres.ply": (trimesh.creation.box((50, 60, 70)), "70 m.*millimetres: scale it by 0.001"),
        "speck.ply": (trimesh.creation.box((1e-4, 1e-4, 1e-4)), "0.0001 m"),
        "open.ply": (trimesh.Trimesh(whole.vertices, whole.faces[1:], process=False), "not closed"),
        "inverted.ply": (trimesh.Trimesh(whole.vertices, whole.faces[:, ::-1], process=False), "inside out"),
    }
    for name, (mesh, text) in cases.items():
        path = saved(tmp_path, name, mesh)
        with pytest.raises(InputError, match=text):
            folder_model(name, path, None)
    (tmp_path / "text.obj").write_text("this is no mesh")
    with pytest.raises(InputError, match=r"text\.obj"):
        folder_model("text", tmp_path / "text.obj", None)


def test_folders_without_meshes_are_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        mesh_files(tmp_path / "none")
    with pytest.raises(InputError, match="holds no mesh"):
        mesh_files(tmp_path)
    (tmp_path / "index.json").write_text(json.dumps({"objects": [{"name": "x", "obj": "gone.obj"}]}))
    with pytest.raises(InputError, match=r"gone\.obj"):
        mesh_files(tmp_path)
