from pathlib import Path

import pytest
import torch

from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.builtin.shape_ellipsoid import Ellipsoid
from dig_framework.evidence import Evidence, Hypothesis, SensorNoise
from dig_framework.interfaces.shape import Shape
from dig_framework.mesh import Mesh
from dig_framework.observation import Box
from dig_framework.occlusion import find_occluders
from dig_framework.pose import Pose
from dig_framework.scene import Failure
from dig_framework.stages.initialize import gather_evidence, initialize
from dig_framework.stages.segmentation import Segmentation
from dig_framework.testing.evidence_scenes import Solid, evidence_scene

SHARED = Path(__file__).resolve().parents[1] / "../shared/data"
SOLID = Solid("ellipsoid", (0.09, 0.08, 0.08))


def _input(*masks, **options):
    """The view of one solid with its true mask, and further masks as further boxes."""
    scene = evidence_scene(SOLID, noisy=True, **options)
    all_masks = torch.stack([scene.evidence.mask, *masks])
    boxes = tuple(Box(f"thing {k}", (0.0, 0.0, 200.0, 200.0)) for k in range(len(all_masks)))
    observation = scene.evidence.observation.replace(boxes=boxes, masks=all_masks)
    return scene, observation, Segmentation(all_masks, scene.evidence.plane)


def _pixels(count):
    mask = torch.zeros(200, 200, dtype=torch.bool)
    mask.view(-1)[100 * 200 + 10 : 100 * 200 + 10 + count] = True
    return mask


def test_one_object_stands_where_it_is():
    scene, observation, segmentation = _input()
    found = initialize(observation, segmentation, Ellipsoid(), SensorNoise(), 0)
    assert [item.index for item in found.objects] == [0]
    assert found.failures == ()
    vertices = scene.in_object(found.objects[0].posed().vertices)
    assert float(vertices.mean(0).norm()) < 0.004
    assert found.plane is not None
    assert found.plane.material is not None
    assert torch.equal(found.plane.normal, segmentation.plane.normal)
    assert len(found.lights) == 1


@pytest.mark.parametrize("pixels", [1, 10])
def test_a_mask_of_few_pixels_fails_alone(pixels):
    _, observation, segmentation = _input(_pixels(pixels))
    found = initialize(observation, segmentation, SymmetricCompletion(), SensorNoise(), 0)
    assert [item.index for item in found.objects] == [0]
    (failure,) = found.failures
    assert (failure.label, failure.index, failure.stage) == ("thing 1", 1, "initialize")
    assert failure.reason == (
        f"only {pixels} of the mask's {pixels} pixels have depth, at least 30 are needed; check the mask and the depth "
        "image"
    )


def test_a_mask_without_depth_fails_alone():
    hole = torch.zeros(200, 200, dtype=torch.bool)
    hole[150:180, 20:50] = True
    _, observation, segmentation = _input(hole)
    observation = observation.replace(depth=torch.where(hole, 0.0, observation.depth))
    found = initialize(observation, segmentation, SymmetricCompletion(), SensorNoise(), 0)
    assert [item.index for item in found.objects] == [0]
    assert found.failures[0].reason.startswith("only 0 of the mask's 900 pixels have depth")


def test_a_failure_of_the_segmentation_is_passed_on():
    _, observation, segmentation = _input(_pixels(0))
    earlier = Failure("thing 1", 1, "segment", "nothing there")
    found = initialize(observation, segmentation.replace(failures=(earlier,)), Ellipsoid(), SensorNoise(), 0)
    assert found.failures == (earlier,)
    assert len(found.objects) == 1


class TwoGuesses(Shape):
    """Offers a worse guess before a better one."""

    def initialize(self, evidence: Evidence, seed: int):
        centre = evidence.points.median(0).values
        pose = Pose(centre, torch.zeros(3))
        return tuple(Hypothesis({"axes": torch.full((3,), size)}, pose, size / 0.03) for size in (0.01, 0.02))

    def mesh(self, parameters) -> Mesh:
        return Ellipsoid().mesh(parameters)


def test_takes_the_most_believed_hypothesis():
    _, observation, segmentation = _input()
    found = initialize(observation, segmentation, TwoGuesses(), SensorNoise(), 0)
    assert float(found.objects[0].mesh.vertices.norm(dim=1).max()) == pytest.approx(0.02)


class NotFinite(Shape):
    """Returns vertices that are not numbers."""

    def initialize(self, evidence: Evidence, seed: int):
        return (Hypothesis({}, Pose.identity()),)

    def mesh(self, parameters) -> Mesh:
        mesh = Ellipsoid().mesh({"axes": torch.ones(3)})
        return mesh.replace(vertices=mesh.vertices * torch.nan)


def test_a_mesh_that_is_not_finite_is_a_failure():
    _, observation, segmentation = _input()
    found = initialize(observation, segmentation, NotFinite(), SensorNoise(), 0)
    assert found.objects == ()
    assert "not finite" in found.failures[0].reason


def test_the_board_in_front_is_the_occluder():
    scene, observation, segmentation = _input(hidden=0.4)
    found = gather_evidence(observation, segmentation, 0, SensorNoise()).occluder
    board = scene.evidence.occluder
    assert float((found & board).sum()) > 0.99 * float(board.sum())
    assert float((found & ~board).sum()) < 0.01 * found.numel()


def test_neither_table_nor_background_hides():
    scene, observation, segmentation = _input()
    found = find_occluders(observation, segmentation.masks, 0, segmentation.plane, SensorNoise())
    assert float(found.sum()) < 0.01 * found.numel()
    assert not bool((found & scene.evidence.mask).any())


def test_a_hole_in_depth_goes_with_its_neighbour():
    scene, observation, segmentation = _input(hidden=0.4)
    hole = torch.zeros_like(scene.evidence.mask)
    hole[40:60, 170:190] = True
    hole[40:60, 10:30] = True
    observation = observation.replace(depth=torch.where(hole, 0.0, observation.depth))
    found = find_occluders(observation, segmentation.masks, 0, segmentation.plane, SensorNoise())
    assert bool(found[40:60, 170:190].all())
    assert not bool(found[40:60, 10:30].any())


@pytest.mark.parametrize("texture", [True, False])
def test_re_renders_the_mean_colour(texture):
    _, observation, segmentation = _input()
    item = initialize(observation, segmentation, Ellipsoid(), SensorNoise(), 0, texture=texture).objects[0]
    true = torch.tensor([0.6, 0.3, 0.1])
    colors = item.material.color if item.mesh.colors is None else item.material.color * item.mesh.colors.mean(0)
    assert (item.mesh.colors is not None) == texture
    # The image is not shaded, so that dividing by the light's shading saturates some vertices' red.
    assert torch.allclose(colors / colors.sum(), true / true.sum(), atol=0.08 if texture else 0.02)


def test_hidden_vertices_take_the_colour_of_their_neighbours():
    _, observation, segmentation = _input()
    half = torch.arange(200)[None, :, None] < 100
    color = torch.where(half, torch.tensor([0.6, 0.1, 0.1]), torch.tensor([0.1, 0.1, 0.6])).expand(200, 200, 3)
    item = initialize(observation.replace(color=color), segmentation, Ellipsoid(), SensorNoise(), 0).objects[0]
    vertices = item.posed().vertices
    hidden = (item.posed().vertex_normals() * vertices).sum(-1) > 0.02
    left, right = hidden & (vertices[:, 0] < -0.025), hidden & (vertices[:, 0] > 0.025)
    tint = item.mesh.colors * item.material.color
    assert int(left.sum()) > 10
    assert float((tint[left, 0] - tint[left, 2]).mean()) > 0
    assert float((tint[right, 2] - tint[right, 0]).mean()) > 0


@pytest.mark.parametrize("name", ["single_mustard", "ycbv_0054_000001"])
def test_real_frame_gives_closed_meshes_above_the_table(name):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{name} is not here")
    from dig_framework.observation_files import load_observation
    from dig_framework.support_plane import find_support_plane

    observation = load_observation(SHARED / name)
    plane = find_support_plane(observation, SensorNoise(), 0)
    segmentation = Segmentation(observation.masks, plane)
    found = initialize(observation, segmentation, SymmetricCompletion(), SensorNoise(), 0)
    assert len(found.objects) == len(observation.boxes)
    for item in found.objects:
        assert item.mesh.is_closed()
        assert float(item.mesh.volume()) > 0
        assert float(plane.height(item.posed().vertices).min()) > -1e-5
