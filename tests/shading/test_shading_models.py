"""Shading models against formulas, energy, reciprocity and finite differences."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.material import Material
from dig_framework.shading.light_table import light_table
from dig_framework.shading.model import shading_model
from dig_framework.shading.surface_points import material_row, surface_points

NAMES = ["phong", "lambert", "microfacet"]


def material(ambient=0.0, diffuse=0.7, specular=0.3, shininess=20.0, color=(0.8, 0.5, 0.2)):
    scalars = [torch.tensor(value).double() for value in (ambient, diffuse, specular, shininess)]
    return Material(torch.tensor(color).double(), *scalars)


def sun(*direction, intensity=1.0):
    return DirectionalLight(torch.tensor(direction).double(), torch.full((3,), intensity).double())


def radiance(name, own, lights, normal=(0.0, 0.0, -1.0), point=(0.0, 0.0, 1.0), arriving=None):
    """What the camera at the origin sees of one point."""
    point, normal = torch.tensor([point]).double(), torch.tensor([normal]).double()
    surface = surface_points(point, normal, torch.ones(1, 3).double(), material_row(own))
    return shading_model(name)(surface, light_table(lights, torch.eye(4).double()), arriving)[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_matte_surface_follows_the_cosine(name):
    own = material(specular=0.0)
    for angle in (0.0, 0.5, 1.2, 2.0):
        found = radiance(name, own, [sun(math.sin(angle), 0.0, -math.cos(angle), intensity=2.0)])
        torch.testing.assert_close(found, 2 * own.color * own.diffuse * max(math.cos(angle), 0.0))


def test_phong_is_the_published_formula():
    own, light = material(ambient=0.2), Light(torch.tensor([0.3, -0.4, 0.2]).double(), torch.ones(3).double())
    point, normal = torch.tensor([0.1, 0.0, 1.0]).double(), normalize(torch.tensor([0.2, -0.1, -1.0]).double(), dim=0)
    towards, view = normalize(light.position - point, dim=0), normalize(-point, dim=0)
    mirrored = 2 * (normal @ towards) * normal - towards
    expected = own.color * (own.ambient + own.diffuse * (normal @ towards)) + own.specular * (mirrored @ view) ** 20
    found = radiance("phong", own, [light], normal.tolist(), point.tolist())
    torch.testing.assert_close(found, expected)


def test_lambert_is_phong_without_highlight():
    lights = [
        sun(0.3, -0.2, -1.0),
        AmbientLight(torch.randn(9, 3, generator=torch.Generator().manual_seed(0)).double()),
    ]
    torch.testing.assert_close(
        radiance("lambert", material(), lights), radiance("phong", material(specular=0.0), lights)
    )


def test_microfacets_reflect_as_published_at_normal_incidence():
    """With light, view and normal in one line D = 1 / (pi a^2), F = s and V = 1 / 4."""
    own = material(diffuse=0.0, specular=0.04, shininess=98.0)
    found = radiance("microfacet", own, [sun(0.0, 0.0, -1.0)])
    width = 2 / (98 + 2)
    torch.testing.assert_close(found, torch.full((3,), 0.04 / (4 * width)).double())


@pytest.mark.parametrize("shininess", [0.5, 10.0, 200.0])
@pytest.mark.parametrize("angle", [0.0, 0.8, 1.3])
def test_microfacets_never_send_out_more_than_arrives(shininess, angle):
    """A coat that mirrors everything, seen from all sides: it sends out at most what arrives, and a good part of it."""
    count = 160
    z = (torch.arange(count).double() + 0.5) / count
    turn = (torch.arange(2 * count).double() + 0.5) / count * math.pi
    z, turn = (part.reshape(-1) for part in torch.meshgrid(z, turn, indexing="ij"))
    radius = (1 - z * z).sqrt()
    views = torch.stack([radius * turn.cos(), radius * turn.sin(), z], 1)
    own = material(diffuse=0.0, specular=1.0, shininess=shininess)
    normals = torch.tensor([0.0, 0.0, 1.0]).double().expand_as(views)
    surface = surface_points(-views, normals, torch.ones_like(views), material_row(own))
    lights = light_table([sun(math.sin(angle), 0.0, math.cos(angle))], torch.eye(4).double())
    sent = (shading_model("microfacet")(surface, lights)[:, 0] * z).mean() * 2 * math.pi / (math.pi * math.cos(angle))
    assert 0.3 < float(sent) < 1.005


def test_microfacets_are_reciprocal():
    """Light and camera may change places: radiance over the cosine of the light stays."""
    own = material(specular=0.3, shininess=6.0)
    normal = torch.tensor([[0.0, 0.0, 1.0]]).double()
    one, other = (normalize(torch.tensor([part]).double(), dim=1) for part in ((0.3, 0.1, 0.9), (-0.6, 0.5, 0.4)))
    found = []
    for light, view in ((one, other), (other, one)):
        surface = surface_points(-view, normal, torch.ones_like(view), material_row(own))
        lights = light_table([sun(*light[0].tolist())], torch.eye(4).double())
        found.append(shading_model("microfacet")(surface, lights)[0] / light[0, 2])
    torch.testing.assert_close(found[0], found[1])


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_arrive_is_not_reflected(name):
    own = material(ambient=0.3)
    lights = [sun(0.2, 0.0, -1.0), sun(0.0, 0.4, -1.0)]
    nothing = radiance(name, own, lights, arriving=torch.zeros(2, 1).double())
    torch.testing.assert_close(nothing, 2 * 0.3 * own.color)
    first = radiance(name, own, lights, arriving=torch.tensor([[1.0], [0.0]]).double())
    torch.testing.assert_close(first, radiance(name, own, lights[:1]) + 0.3 * own.color)


@pytest.mark.parametrize("name", NAMES)
def test_without_lights_it_is_dark(name):
    assert radiance(name, material(), []).tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_those_of_finite_differences(name):
    generator = torch.Generator().manual_seed(3)
    points = torch.rand(4, 3, generator=generator).double() + torch.tensor([-0.5, -0.5, 0.7])
    normals = torch.rand(4, 3, generator=generator).double() - torch.tensor([0.5, 0.5, 1.5])
    rows = material_row(material(ambient=0.2)).expand(4, 7).contiguous()
    sources = torch.tensor([[0.4, -0.7, 0.1, 1.0, 0.9, 0.8, 1.0], [0.2, -0.4, -1.0, 0.5, 0.6, 0.7, 0.0]]).double()
    ambient = torch.randn(3, 4, 4, generator=generator).double()

    def shown(points, normals, colors, rows, sources, ambient):
        from dig_framework.shading.light_table import LightTable

        return shading_model(name)(surface_points(points, normals, colors, rows), LightTable(sources, ambient))

    inputs = [points, normals, torch.rand(4, 3, generator=generator).double(), rows, sources, ambient]
    # Which of the two kinds a light is, its last number, is no variable.
    kinds = sources[:, 6:]
    sources_of = inputs[4][:, :6]
    leaves = [part.clone().requires_grad_() for part in (*inputs[:4], sources_of, ambient)]
    assert torch.autograd.gradcheck(
        lambda p, n, c, r, s, a: shown(p, n, c, r, torch.cat([s, kinds], 1), a), leaves, fast_mode=True
    )


@pytest.mark.parametrize("shininess", [1e6, 1e7, 1e9])
def test_mirrors_stay_finite_in_float32(shininess):
    point = torch.tensor([[0.0, 0.0, 1.0]], requires_grad=True)
    row = material_row(material(shininess=shininess).to(dtype=torch.float32)).requires_grad_()
    surface = surface_points(point, torch.tensor([[0.0, 0.0, -1.0]]), torch.ones(1, 3), row)
    lights = light_table([Light(torch.zeros(3), torch.ones(3))], torch.eye(4))
    found = shading_model("microfacet")(surface, lights)
    assert bool(found.isfinite().all())
    for gradient in torch.autograd.grad(found.sum(), [point, row]):
        assert bool(gradient.isfinite().all())
