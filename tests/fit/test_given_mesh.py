import itertools
import json
import math

import numpy as np
import pytest
import torch

from dig_framework.builtin.shape_given_mesh import GivenMesh
from dig_framework.camera import Camera
from dig_framework.errors import InputError
from dig_framework.pose import Pose
from dig_framework.stage import STAGES
from dig_framework.stage_keys import stage_key
from dig_framework.testing.evidence_scenes import EvidenceScene, Solid, evidence_scene

Rotation = pytest.importorskip("scipy.spatial.transform").Rotation
SOLID = Solid("chopped box", (0.06, 0.09, 0.12))
"""Like none of its turned or mirrored images, so that its pose is unique."""


def corners() -> np.ndarray:
    """Return the corners of the chopped box: x + 0.6 y + 0.9 z <= 0.3 in half extents."""
    from scipy.spatial import HalfspaceIntersection

    cut = np.array([[1.0, 0.6, 0.9, -0.3]])
    sides = np.concatenate([np.column_stack([s * np.eye(3), -np.ones(3)]) for s in (-1, 1)])
    points = HalfspaceIntersection(np.concatenate([sides, cut]), np.full(3, -0.5)).intersections
    return np.unique(points.round(9), axis=0) * np.array(SOLID.extents) / 2


def write_mesh(path, scale=1.0, turn=None):
    from scipy.spatial import ConvexHull

    points = corners() * scale @ (np.eye(3) if turn is None else turn.T)
    hull = ConvexHull(points)
    faces = []
    for simplex, plane in zip(hull.simplices, hull.equations, strict=True):
        a, b, c = points[simplex]
        faces.append(simplex if np.cross(b - a, c - a) @ plane[:3] > 0 else simplex[::-1])
    lines = [f"v {x} {y} {z}" for x, y, z in points] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
    path.write_text("\n".join(lines))


def errors(scene: EvidenceScene, pose: Pose, mesh, written: np.ndarray) -> tuple[float, float]:
    """Return how far the posed mesh's corners are from the true ones [m], at most, and its volume's relative error."""
    posed = scene.in_object(pose.transform(mesh.vertices).double()).numpy()
    distance = np.linalg.norm(posed[:, None] - written[None], axis=2).min(1)
    return float(distance.max()), abs(float(mesh.volume()) / SOLID.volume() - 1)


def off_by(scene: EvidenceScene, shift: float, angle: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    axis, direction = random.normal(size=3), random.normal(size=3)
    pose = scene.scene_from_object.double().numpy().copy()
    pose[:3, :3] = Rotation.from_rotvec(axis / np.linalg.norm(axis) * angle).as_matrix() @ pose[:3, :3]
    pose[:3, 3] += shift * direction / np.linalg.norm(direction)
    return pose


def write_pose(folder, pose: np.ndarray | None):
    write_mesh(folder / "thing.obj")
    entry = {"index": 0, "mesh": "thing.obj"}
    if pose is not None:
        entry["camera_from_object"] = pose.tolist()
    (folder / "poses.json").write_text(json.dumps({"objects": [entry]}))


def found(shape: GivenMesh, scene: EvidenceScene):
    best = shape.initialize(scene.evidence.replace(index=0), 0)[0]
    return best.pose, shape.mesh(best.parameters)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("hidden", [0.0, 0.3])
def test_a_pose_that_is_off_comes_back(tmp_path, seed, hidden):
    scene = evidence_scene(SOLID, yaw=1.5 * seed, noisy=True, hidden=hidden)
    write_pose(tmp_path, off_by(scene, 0.02, math.radians(15), seed))
    pose, mesh = found(GivenMesh(path=tmp_path), scene)
    distance, volume = errors(scene, pose, mesh, corners())
    assert distance < 0.003
    turned = Rotation.from_matrix(pose.matrix()[:3, :3].double().numpy().T @ scene.scene_from_object[:3, :3].numpy())
    assert turned.magnitude() < math.radians(2)
    assert volume < 1e-3


@pytest.mark.parametrize("yaw", [0.3, 4.5])
def test_without_a_pose_the_mesh_is_found_on_the_table(tmp_path, yaw):
    scene = evidence_scene(SOLID, yaw=yaw, noisy=True)
    write_pose(tmp_path, None)
    pose, mesh = found(GivenMesh(path=tmp_path), scene)
    assert errors(scene, pose, mesh, corners())[0] < 0.003


def test_any_side_may_be_up(tmp_path):
    scene = evidence_scene(SOLID, noisy=True)
    turn = Rotation.from_rotvec([math.pi / 2, 0, 0]).as_matrix()
    write_mesh(tmp_path / "thing.obj", turn=turn)
    pose, mesh = found(GivenMesh(path=tmp_path / "thing.obj", up="any", yaws=6), scene)
    assert errors(scene, pose, mesh, corners())[0] < 0.003


@pytest.mark.parametrize("table", [True, False])
def test_an_unknown_size_is_found(tmp_path, table):
    scene = evidence_scene(SOLID, yaw=0.9, slope=0.3, noisy=True, table=table)
    write_mesh(tmp_path / "thing.obj", scale=1.4)
    pose, mesh = found(GivenMesh(path=tmp_path / "thing.obj", scaled=True, yaws=12), scene)
    assert errors(scene, pose, mesh, corners())[0] < (0.009 if table else 0.012)


def test_a_good_pose_is_not_made_worse(tmp_path):
    scene = evidence_scene(SOLID)
    write_pose(tmp_path, scene.scene_from_object.double().numpy())
    kept, mesh = found(GivenMesh(path=tmp_path, pose="keep"), scene)
    assert errors(scene, kept, mesh, corners())[0] < 1e-5
    improved, mesh = found(GivenMesh(path=tmp_path), scene)
    assert errors(scene, improved, mesh, corners())[0] < 0.001


def test_poses_are_of_the_camera(tmp_path):
    scene = evidence_scene(SOLID)
    camera_from_scene = torch.eye(4)
    camera_from_scene[:3, :3] = torch.from_numpy(Rotation.from_rotvec([0.2, -0.4, 0.1]).as_matrix())
    camera_from_scene[:3, 3] = torch.tensor([0.1, -0.2, 0.3])
    observation = scene.evidence.observation
    old = observation.camera
    camera = Camera(old.intrinsics, old.width, old.height, camera_from_scene)
    evidence = scene.evidence.replace(observation=observation.replace(camera=camera), plane=None, index=0)
    write_pose(tmp_path, scene.scene_from_object.double().numpy())
    for shape in (GivenMesh(path=tmp_path, pose="keep"), GivenMesh(path=tmp_path)):
        best = shape.initialize(evidence, 0)[0]
        in_camera = best.pose.transform(shape.mesh(best.parameters).vertices) @ camera_from_scene[:3, :3].T
        posed = scene.in_object((in_camera + camera_from_scene[:3, 3]).double()).numpy()
        assert np.linalg.norm(posed[:, None] - corners()[None], axis=2).min(1).max() < 0.001


def test_meshes_are_chosen_by_place_then_label(tmp_path):
    from dig_framework.fitting.known_meshes import known_mesh

    boxes = evidence_scene(SOLID).evidence.observation.boxes
    label = boxes[0].label
    write_mesh(tmp_path / f"{label}.obj")
    assert known_mesh(tmp_path, 0, boxes).path.name == f"{label}.obj"
    entries = [{"label": label, "mesh": "b.obj"}, {"index": 0, "mesh": "a.obj"}]
    (tmp_path / "poses.json").write_text(json.dumps({"objects": entries}))
    assert known_mesh(tmp_path, 0, boxes).path.name == "a.obj"
    (tmp_path / "poses.json").write_text(json.dumps({"objects": entries[:1]}))
    assert known_mesh(tmp_path, 0, boxes).path.name == "b.obj"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([{"index": 3, "mesh": "a.obj"}], "no object has index 0"),
        ([{"index": 0, "mesh": "a.obj", "camera_from_object": list(itertools.repeat(2.0, 16))}], "is not rigid"),
        ([{"index": 0, "mesh": "absent.obj"}], "absent.obj"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, entries, words):
    (tmp_path / "poses.json").write_text(json.dumps({"objects": entries}))
    with pytest.raises(InputError, match=words):
        GivenMesh(path=tmp_path).initialize(evidence_scene(SOLID).evidence.replace(index=0), 0)


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="neither a mesh file nor a folder"):
        GivenMesh(path=tmp_path / "no").initialize(evidence_scene(SOLID).evidence.replace(index=0), 0)


def test_results_are_kept_only_while_the_files_stay(tmp_path):
    stage = next(stage for stage in STAGES if stage.name == "initialize")
    write_mesh(tmp_path / "thing.obj")
    settings = {"shape": GivenMesh(path=tmp_path)}
    first = stage_key(stage, settings, {})
    assert stage_key(stage, settings, {}) == first
    write_mesh(tmp_path / "thing.obj", scale=1.1)
    assert stage_key(stage, settings, {}) != first
