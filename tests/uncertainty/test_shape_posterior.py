"""What drawn views of boxes leave open, against the boxes they were drawn of."""

import math

import numpy as np
import pytest
import torch

from dig_framework.bench.single_views import single_views
from dig_framework.bench.uncertainty import judge
from dig_framework.builtin.shape_completion import SymmetricCompletion
from dig_framework.mesh import Mesh
from dig_framework.metrics.depth_image import depth_image
from dig_framework.nearest import nearest_known
from dig_framework.ply_files import mesh_to_ply
from dig_framework.primitives.box import box
from dig_framework.shape_posterior import ShapePosterior
from dig_framework.uncertainty.posterior import shape_posterior
from dig_framework.uncertainty.settings import UncertaintySettings

SETTINGS = UncertaintySettings(draws=128)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("meshes")


def views(folder, sizes, count, hidden, name="thing"):
    path = folder / f"{name}.ply"
    path.write_bytes(mesh_to_ply(box(torch.tensor(sizes) / 2)))
    return list(single_views([path], count, hidden))


def completed(view):
    shape = SymmetricCompletion()
    found = shape.initialize(view.evidence, 0)[0]
    return shape.mesh(found.parameters), found.pose


@pytest.fixture(scope="module")
def seen(folder):
    view = views(folder, [0.12, 0.06, 0.16], 1, 0.0)[0]
    return view, *completed(view)


@pytest.fixture(scope="module")
def half_hidden(folder):
    view = views(folder, [0.2, 0.06, 0.08], 2, 0.4)[1]
    return view, *completed(view)


def test_the_same_seed_gives_the_same_bits(half_hidden):
    view, mesh, pose = half_hidden
    one, two, other = (shape_posterior(view.evidence, mesh, pose, SETTINGS, seed).tensors() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["offsets"], other["offsets"])


def test_weights_sum_to_one(half_hidden):
    view, mesh, pose = half_hidden
    weights = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0).weights
    assert 1 < len(weights) <= SETTINGS.samples
    assert float(weights.min()) > 0
    assert float(weights.double().sum()) == pytest.approx(1, abs=1e-6)


def test_no_sample_is_in_front_of_what_was_seen(half_hidden):
    view, mesh, pose = half_hidden
    posterior = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0)
    camera = view.evidence.observation.camera
    truth = depth_image(view.truth, camera.intrinsics.double().numpy(), camera.width, camera.height)
    beyond = nearest_known((view.evidence.mask | view.evidence.occluder).numpy())[0]
    for number in range(len(posterior.weights)):
        sample = pose.transform(posterior.sample(mesh, number).vertices)
        pixels, depth = camera.project(sample)
        columns, rows = pixels.round().long().unbind(-1)
        shown = view.evidence.mask[rows, columns].numpy()
        near = truth[rows.numpy(), columns.numpy()] - depth.numpy()
        # 3 mm across the surface are 12 mm along the most grazing ray.
        assert near[shown].max() < 0.02
        assert np.quantile(near[shown], 0.98) < 0.012
        assert np.median(near[shown]) < 0.003
        assert np.quantile(beyond[rows.numpy(), columns.numpy()], 0.99) < 5


def test_what_is_hidden_is_less_certain_than_what_is_seen(half_hidden):
    view, mesh, pose = half_hidden
    deviation = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0).deviation
    pixels, _ = view.evidence.observation.camera.project(pose.transform(mesh.vertices))
    columns, rows = pixels.round().long().unbind(-1)
    covered = view.evidence.occluder[rows, columns]
    facing = (mesh.vertex_normals() * (mesh.vertices + pose.translation)).sum(-1) < 0
    shown = view.evidence.mask[rows, columns] & facing
    assert float(deviation[covered].median()) > 2 * float(deviation[shown].median())


def test_an_end_behind_an_occluder_widens_its_extent(folder):
    sizes = [0.16, 0.07, 0.09]
    widths = []
    for hidden in (0.0, 0.4):
        view = views(folder, sizes, 1, hidden, "pair")[0]
        mesh, pose = completed(view)
        change = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0).extent_change
        widths.append(float((change[1] - change[0])[0]))
    assert widths[1] > 2 * widths[0]


def test_more_noise_widens_intervals(seen):
    view, mesh, pose = seen
    quiet = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0)
    noise = view.evidence.noise.model_copy(update={"floor": 0.012})
    loud = shape_posterior(view.evidence.replace(noise=noise), mesh, pose, SETTINGS, 0)
    assert float(loud.deviation.mean()) > 1.1 * float(quiet.deviation.mean())
    width = [float((each.centre_change[1] - each.centre_change[0]).sum()) for each in (quiet, loud)]
    assert width[1] > width[0]


def test_intervals_hold_the_true_box_at_about_their_rate(folder):
    random = np.random.default_rng(5)
    held, wide = [], []
    for number in range(8):
        sizes = random.uniform(0.05, 0.2, 3).tolist()
        for hidden in (0.0, 0.4):
            view = views(folder, sizes, 1, hidden, f"box-{number}")[0]
            found = judge(SymmetricCompletion(), view, SETTINGS)
            for low, high, truth in (*found.extents.T, *found.centre.T):
                held.append(low <= truth <= high)
            wide.append(np.median((found.extents[1] - found.extents[0]) / found.extents[2]))
    # 96 intervals in 16 views: even a rate of .9 gives .78 now and then, as those of a view go together.
    assert 0.75 <= np.mean(held) < 1
    assert np.median(wide) < 0.4


def test_it_goes_with_its_mesh_when_that_is_scaled():
    mesh = box(torch.tensor([0.1, 0.2, 0.3]))
    count, generator = len(mesh.vertices), torch.Generator().manual_seed(0)
    posterior = ShapePosterior(
        offsets=0.01 * torch.randn(2, count, 3, generator=generator),
        weights=torch.tensor([0.25, 0.75]),
        deviation=torch.full((count,), 0.01),
        extent_change=torch.tensor([[-0.01, -0.02, -0.03], [0.01, 0.02, 0.03]]),
        centre_change=torch.zeros(2, 3),
        yaw_change=torch.zeros(2),
        failure=0.1,
    )
    scale = torch.tensor([2.0, 1.0, 0.5])
    larger = mesh.replace(vertices=mesh.vertices * scale)
    scaled = posterior.scaled(scale)
    torch.testing.assert_close(scaled.sample(larger, 1).vertices, posterior.sample(mesh, 1).vertices * scale)
    torch.testing.assert_close(scaled.extents(larger), posterior.extents(mesh) * scale)
    drawn = [posterior.drawn(generator) for _ in range(2000)]
    assert np.mean(drawn) == pytest.approx(0.75, abs=5 * math.sqrt(0.25 * 0.75 / 2000))


def test_a_sample_keeps_the_faces(seen):
    view, mesh, pose = seen
    sample = shape_posterior(view.evidence, mesh, pose, SETTINGS, 0).sample(mesh, 0)
    assert isinstance(sample, Mesh)
    assert sample.faces is mesh.faces
    assert sample.is_closed()
