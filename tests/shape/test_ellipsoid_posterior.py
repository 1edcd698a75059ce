"""The priors of the published ellipsoid are the densities that the paper names."""

import math

import pytest
import torch
from torch.distributions import Laplace, LogNormal, Normal

from dig_framework.builtin.shape_ellipsoid import Ellipsoid
from dig_framework.primitives.ellipsoid_posterior import EllipsoidPrior, residuals, smooth_magnitude
from dig_framework.testing.evidence_scenes import Solid, evidence_scene

CENTER, AXES = torch.tensor([0.01, 0.6, 0.05]).double(), torch.tensor([0.04, 0.03, 0.05]).double()
PRIOR = EllipsoidPrior(CENTER, AXES, center_scale=1e-3, axis_scale=2e-3, sight_scale=4e-3)
PUBLISHED = {"unseen_half": False, "standing": False, "cleaned": False, "points": 10**6}


def expected(center, axes):
    """Return the same in millimetres, by the library's densities, without the truncation, which is a constant."""
    variance = math.log1p((4.0 / 30.0) ** 2)
    sight = LogNormal(math.log(30.0) - variance / 2, math.sqrt(variance)).log_prob(1e3 * axes[1])
    across = Normal(1e3 * AXES[[0, 2]], 2.0).log_prob(1e3 * axes[[0, 2]]).sum()
    return -(Laplace(1e3 * CENTER, 1.0).log_prob(1e3 * center).sum() + across + sight)


def test_the_log_normal_has_the_mean_and_deviation_that_it_says():
    variance = math.log1p((4.0 / 30.0) ** 2)
    density = LogNormal(torch.tensor(math.log(30.0) - variance / 2), torch.tensor(math.sqrt(variance)))
    assert (float(density.mean), float(density.stddev)) == pytest.approx((30.0, 4.0), rel=1e-5)


def test_densities_are_those_of_the_library():
    moves = torch.randn(20, 6, generator=torch.Generator().manual_seed(0)).double() * 5e-3
    places = [(CENTER + move[:3], AXES * (1 + 10 * move[3:])) for move in moves]
    ours = torch.stack([PRIOR.negative_log(*place) for place in places])
    theirs = torch.stack([expected(*place) for place in places])
    # Magnitudes are rounded within 0.01 of zero, which costs at most that, three times.
    assert float(((ours - ours[0]) - (theirs - theirs[0])).abs().max()) < 0.03


def test_axes_beyond_three_deviations_are_walled_off():
    inside = PRIOR.negative_log(CENTER, AXES * torch.tensor([1.499, 1.0, 1.0]))
    outside = PRIOR.negative_log(CENTER, AXES * torch.tensor([1.51, 1.0, 1.0]))
    assert float(outside - inside) > 90


def test_the_prior_has_a_gradient():
    unknown = torch.cat([CENTER + 2e-3, AXES * 1.1]).requires_grad_()
    assert torch.autograd.gradcheck(lambda both: PRIOR.negative_log(both[:3], both[3:]), unknown, eps=1e-8, atol=1e-3)


def test_residuals_vanish_on_the_surface():
    angle = torch.linspace(0, 6, 20).double()
    points = CENTER + AXES * torch.stack([angle.cos(), angle.sin() * 0.6, angle.sin() * 0.8], 1)
    assert float(residuals(points, CENTER, AXES).abs().max()) < 1e-12
    assert float(residuals(CENTER[None], CENTER, AXES)) == -1
    assert float(smooth_magnitude(torch.tensor([3.0]))) == pytest.approx(3, abs=1e-4)


def test_many_points_outweigh_the_priors_and_few_do_not():
    scene = evidence_scene(Solid("ellipsoid", (0.08, 0.08, 0.08)), slope=0.3, yaw=0.0)
    tight = {"centre_scale": 1e-4, "axis_scale": 1e-4, "sight_scale": 3.162e-4, **PUBLISHED}
    depths = [
        float(Ellipsoid(**{**tight, "points": count}).initialize(scene.evidence, 0)[0].pose.translation[2])
        for count in (100, 10**6)
    ]
    truth = float(scene.scene_from_object[2, 3])
    assert depths[0] < depths[1] < truth
    assert truth - depths[0] > 0.015
