"""Parts of the posterior against closed forms."""

import numpy as np
import pytest
import torch

from dig_framework.evidence import SensorNoise
from dig_framework.material import Material
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.stages.segmentation import Segmentation
from dig_framework.stages.uncertainty import uncertainty
from dig_framework.testing.evidence_scenes import Solid, evidence_scene
from dig_framework.testing.solids import box_mesh
from dig_framework.uncertainty.blunt_ends import blunt_ends
from dig_framework.uncertainty.displacement import displacements, monomials, prior_precision, rows_of
from dig_framework.uncertainty.failure import failure_probability, failure_signs
from dig_framework.uncertainty.laplace import drawn, precision
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.uncertainty.witnesses import Witnesses

SETTINGS = UncertaintySettings()


def cube(side: float = 0.1):
    mesh = box_mesh(side, side, side, 3, torch.float64)
    areas = np.zeros(len(mesh.vertices))
    np.add.at(areas, mesh.faces.numpy().ravel(), np.repeat(mesh.face_normals().norm(dim=1).numpy() / 6, 3))
    return mesh.vertices.numpy(), mesh.vertex_normals().numpy(), areas


def witnesses(count: int, **chosen: np.ndarray) -> Witnesses:
    none = np.zeros(count, bool)
    across = np.tile([1.0, 0.0, 0.0], (count, 1))
    parts = {name: chosen.get(name, none) for name in ("seen", "outline", "standing", "covered")}
    return Witnesses(**parts, pixel=np.full(count, 1e-3), across=across)


def test_displacements_are_the_polynomials_that_their_coefficients_name():
    points = np.random.default_rng(0).normal(size=(7, 3))
    coefficients = np.zeros((1, 30))
    coefficients[0, 3 * 1 + 2] = 2.0  # z grows with x,
    coefficients[0, 3 * 5 + 0] = 3.0  # and x with the square of y.
    x, y = ((points - 0.5) / 4)[:, :2].T
    wanted = np.stack([3 * y * y, np.zeros(7), 2 * x], 1)
    terms = monomials(points, np.full(3, 0.5), 4.0)
    np.testing.assert_allclose(displacements(terms, coefficients)[0], wanted, atol=1e-12)
    normals = np.random.default_rng(1).normal(size=(7, 3))
    np.testing.assert_allclose(rows_of(terms, normals) @ coefficients[0], (wanted * normals).sum(1), atol=1e-12)


def test_without_witnesses_the_prior_is_left():
    vertices, normals, areas = cube()
    terms = monomials(vertices, np.zeros(3), 0.1)
    found = precision(terms, normals, areas, witnesses(len(vertices)), SETTINGS, 0.1, np.array([0.0, 0, 1]))
    np.testing.assert_allclose(found, np.diag(prior_precision(SETTINGS, 0.1)))


def test_draws_have_the_covariance_of_their_precision():
    random = np.random.default_rng(0)
    root = random.normal(size=(4, 4))
    inverse = root @ root.T + np.eye(4)
    found = drawn(inverse, 200_000, random)
    np.testing.assert_allclose(np.cov(found.T), np.linalg.inv(inverse), atol=0.01)


def test_a_seen_face_is_known_by_its_witnesses_and_the_opposite_one_by_the_prior():
    vertices, normals, areas = cube()
    terms = monomials(vertices, np.zeros(3), 0.1)
    seen = vertices[:, 2] > 0.0499
    up = np.array([0.0, 0.0, 1.0])
    inverse = precision(terms, normals, areas, witnesses(len(vertices), seen=seen), SETTINGS, 0.1, up)
    along = displacements(terms, drawn(inverse, 4000, np.random.default_rng(0)))[..., 2].std(0)
    inner = seen & (np.abs(vertices[:, :2]).max(1) < 0.04)
    assert along[inner].max() < SETTINGS.surface
    assert along[vertices[:, 2] < -0.0499].min() > 3 * along[inner].max()


def test_an_end_that_is_seen_moves_less_than_one_that_is_not():
    vertices, _, _ = cube()
    seen = vertices[:, 0] > 0.0399
    ends = blunt_ends(vertices, np.eye(3), witnesses(len(vertices), seen=seen), SETTINGS)
    spreads = [end.spread for end in ends]
    assert spreads[0] == pytest.approx(0.1 * SETTINGS.rounding)
    assert spreads[1] == pytest.approx(0.1 * (SETTINGS.rounding + SETTINGS.unseen))
    tips = ends[0].shares(np.array([[0.05, 0.0, 0.0], [0.02, 0.0, 0.0], [0.035, 0.0, 0.0]]))
    np.testing.assert_allclose(tips, [1.0, 0.0, 0.5], atol=1e-9)


def test_signs_of_failure_of_a_cube():
    vertices, _, areas = cube(0.1)
    exact = np.sign(vertices) * (np.abs(vertices) > 0.0499)
    exact = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    fullness, spread = failure_signs(vertices, areas, exact, np.full(len(vertices), 0.002))
    assert fullness == pytest.approx(1, abs=0.12)  # Normals at edges are not those of faces.
    assert spread == pytest.approx(np.log(0.002 / 0.05), abs=0.12)
    assert failure_probability(0.2, -1.0) > failure_probability(0.9, -1.0)
    assert failure_probability(0.5, -0.5) > failure_probability(0.5, -3.0)


def test_an_object_without_a_mask_has_no_posterior():
    evidence = evidence_scene(Solid("box", (0.1, 0.1, 0.1))).evidence
    observation = evidence.observation
    height, width = evidence.mask.shape
    masks = torch.stack([evidence.mask, torch.zeros(height, width, dtype=torch.bool)])
    boxes = observation.boxes * 2 if observation.boxes else ()
    pose = Pose(torch.tensor([0.0, 0.0, 0.6]), torch.zeros(3))
    item = SceneObject("box", 0, box_mesh(0.1, 0.1, 0.1, 3), pose, Material.matte(torch.ones(3)))
    scene = Scene((item, item.replace(index=1)), plane=evidence.plane)
    segmentation = Segmentation(masks, evidence.plane)
    found = uncertainty(observation.replace(boxes=boxes), segmentation, scene, SETTINGS, SensorNoise(), 0)
    assert found.objects[0].posterior is not None
    assert found.objects[1].posterior is None
