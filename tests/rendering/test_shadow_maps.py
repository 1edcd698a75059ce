"""Shadows against the shadow of a sphere, and their derivatives against finite differences."""

import math

import pytest
import torch

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import DigError
from dig_framework.light import AmbientLight, DirectionalLight, Light
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.testing.solids import sphere_mesh

RADIUS, HEIGHT, AWAY = 0.05, 0.15, 1.0
SIZE, FOCAL = 97, 200.0


def hovering_sphere(light, dtype=torch.float64):
    """A black sphere before a white wall that the camera looks at from the front: z points at the wall."""
    white, black = Material.matte(torch.ones(3)), Material.matte(torch.zeros(3))
    wall = Plane(torch.tensor([0.0, 0.0, -1.0]), torch.tensor(AWAY), white)
    pose = Pose(torch.tensor([0.0, 0.0, AWAY - HEIGHT]), torch.zeros(3))
    item = SceneObject("ball", 0, sphere_mesh(RADIUS, 4), pose, black)
    return Scene((item,), (light,), wall).to(dtype=dtype)


def camera():
    middle = (SIZE - 1) / 2
    return Camera.from_focal(FOCAL, FOCAL, middle, middle, SIZE, SIZE)


def darkness(scene, **settings):
    """How dark the wall is, 0 for lit and 1 for in the shadow, where the ball does not hide it."""
    drawn = RasterRenderer(shadows=True, **settings).render(scene, camera())
    bare = RasterRenderer(**settings).render(scene, camera())
    ambient = 0.4 * drawn.color.new_ones(())
    seen = drawn.masks[0] == 0
    dark = (bare.color[..., 0] - drawn.color[..., 0]) / (bare.color[..., 0] - ambient)
    return torch.where(seen, dark, 0.0)


def slanted(dtype=torch.float64):
    """Light from the side, so that the shadow lies beside the ball."""
    return DirectionalLight(torch.tensor([-1.0, 0.0, -1.0], dtype=dtype), torch.ones(3, dtype=dtype))


def test_the_shadow_of_a_ball_is_where_it_should_be():
    """Under 45 degrees the shadow is an ellipse, root two times as long as wide, its middle beside the ball's foot."""
    dark = darkness(hovering_sphere(slanted()))
    expected = math.pi * RADIUS * RADIUS * math.sqrt(2) * (FOCAL / AWAY) ** 2
    assert abs(float(dark.sum()) / expected - 1) < 0.05
    column = (dark.sum(0) * torch.arange(SIZE)).sum() / dark.sum()
    row = (dark.sum(1) * torch.arange(SIZE)).sum() / dark.sum()
    assert abs(float(column) - (48 + FOCAL * HEIGHT / AWAY)) < 0.5
    assert abs(float(row) - 48) < 0.1
    assert 0.99 < float(dark.max()) <= 1
    assert float(dark.min()) > -1e-9


def test_the_shadow_of_a_near_light_is_larger():
    """A light at distance d before the wall casts a shadow about d / (d - height) times as wide."""
    height = 0.6
    light = Light(torch.tensor([-0.3, 0.0, AWAY - height]).double(), torch.ones(3).double())
    dark = darkness(hovering_sphere(light))
    width = float((dark[:, :].amax(1) > 0.5).sum()) / FOCAL * AWAY
    slant = math.hypot(0.3, height - HEIGHT)
    tangent = RADIUS / math.sqrt(slant * slant - RADIUS * RADIUS)
    assert abs(width - 2 * tangent * math.hypot(0.3, height - HEIGHT) * height / (height - HEIGHT)) < 0.008


def test_a_ball_does_not_shade_its_lit_side():
    scene = hovering_sphere(slanted())
    white = scene.objects[0].replace(material=Material.matte(torch.ones(3)).to(dtype=torch.float64))
    scene = scene.replace(objects=(white,))
    drawn, bare = (RasterRenderer(shadows=shown).render(scene, camera()) for shown in (True, False))
    # Where the surface faces the light by more than some 30 degrees above the horizon.
    normals = RasterRenderer(normals=True).render(scene, camera()).normals
    lit = (normals @ torch.tensor([-1.0, 0.0, -1.0]).double() / math.sqrt(2) > 0.5) & (drawn.masks[0] == 1)
    assert lit.sum() > 50
    assert float((bare.color - drawn.color)[lit].abs().max()) < 0.02


def test_light_from_everywhere_casts_no_shadow():
    scene = hovering_sphere(AmbientLight.uniform(torch.ones(3)))
    drawn, bare = (RasterRenderer(shadows=shown).render(scene, camera()).color for shown in (True, False))
    torch.testing.assert_close(drawn, bare, rtol=0, atol=1e-9)


@pytest.mark.parametrize("axis", [0, 1])
def test_shadows_move_with_light_and_ball(axis):
    """The first moment of the shadow has the derivative that moving the light, or the ball, shows."""
    weight = torch.arange(SIZE).double() / SIZE
    weight = weight[None] if axis == 0 else weight[:, None]

    def moment(direction, translation):
        scene = hovering_sphere(slanted()).with_tensors(
            {"lights.0.direction": direction, "objects.0.pose.translation": translation}
        )
        return (darkness(scene) * weight).sum()

    leaves = [
        torch.tensor([-1.0, 0.0, -1.0]).double().requires_grad_(),
        torch.tensor([0.0, 0.0, AWAY - HEIGHT]).double().requires_grad_(),
    ]
    found = torch.autograd.grad(moment(*leaves), leaves)
    for index, step in ((0, 0.02), (1, 0.004)):
        offset = torch.zeros(3).double()
        offset[axis] = step
        ends = []
        for sign in (-1, 1):
            moved = [leaf.detach() + sign * offset * (k == index) for k, leaf in enumerate(leaves)]
            ends.append(moment(*moved).item())
        expected = (ends[1] - ends[0]) / (2 * step)
        assert abs(found[index][axis].item() / expected - 1) < 0.15


@pytest.mark.parametrize("name", ["lights.0.position", "objects.0.pose.translation"])
def test_shadows_of_a_near_light_move_in_all_directions(name):
    """Along the ray from the light to the ball, the distances that are compared move together."""
    scene = hovering_sphere(Light(torch.tensor([-0.3, 0.1, 0.4]).double(), torch.ones(3).double()))
    y, x = torch.meshgrid(torch.arange(SIZE).double(), torch.arange(SIZE).double(), indexing="ij")
    weight = (x / 17).sin() + (y / 13 + x / 29).cos()

    def total(value):
        drawn = RasterRenderer(shadows=True).render(scene.with_tensors({name: value}), camera())
        return (drawn.color[..., 0] * weight).sum()

    leaf = scene.tensors()[name].clone().requires_grad_()
    (found,) = torch.autograd.grad(total(leaf), leaf)
    steps = 2e-3 * torch.eye(3).double()
    with torch.no_grad():
        expected = torch.stack([(total(leaf + step) - total(leaf - step)) / 4e-3 for step in steps])
    assert float((found - expected).norm()) < 0.1 * float(expected.norm())


def test_neighbours_have_no_shadows():
    with pytest.raises((DigError, ValueError), match="shadows are not drawn with silhouettes = 'neighbours'"):
        RasterRenderer(shadows=True, silhouettes="neighbours")


def test_objects_behind_the_camera_cost_no_large_map():
    """As many pixels a metre as at the distance of their own extent, not of the nearest depth that is drawn."""
    from dig_framework.rendering.scene_tensors import scene_tensors
    from dig_framework.rendering.seen import frame_of
    from dig_framework.rendering.shadow_maps import _fineness

    positions = torch.tensor([[0.0, 0.0, -1.1], [0.0, 0.0, -0.9]])
    tensors = scene_tensors(hovering_sphere(slanted(), torch.float32), camera(), flat=False)
    frame = frame_of(hovering_sphere(slanted()), camera(), tensors, (1.0, 1.0, 1.0), 0.001, walked=True)
    assert abs(_fineness(positions, frame) - FOCAL / 0.1) < 1
