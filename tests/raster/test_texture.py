import itertools

import pytest
import torch
from meshes import numeric_gradient, relative_errors
from raster_twins import twin_texture

import dig_framework.raster as dr
from dig_framework.errors import InputError

ROW = torch.tensor([10.0, 20.0, 30.0, 40.0], dtype=torch.float64).reshape(1, 1, 4, 1)
AXES = torch.eye(3, dtype=torch.float64)


def sample(tex, *points, **options):
    uv = torch.tensor(points, dtype=tex.dtype)[None, None]
    return dr.texture(tex, uv, **options)[0, 0, :, 0].tolist()


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def test_row_zero_is_the_bottom_row_and_centres_are_at_halves(dtype):
    tex = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=dtype)[None, :, :, None]
    assert sample(tex, (0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)) == [1, 2, 3, 4]
    assert sample(tex, (0.5, 0.25), (0.25, 0.5), (0.5, 0.5)) == [1.5, 2, 2.5]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("wrap", [25, 40, 10, 25, 32.5]), ("clamp", [10, 10, 40, 10, 10]), ("zero", [5, 0, 0, 5, 2.5])],
)
def test_boundaries(mode, expected):
    points = [(0.0, 0.5), (-0.125, 0.5), (1.125, 0.5), (-0.0, 0.5), (-0.0625, 0.5)]
    assert sample(ROW, *points, boundary_mode=mode) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mode", "expected"), [("wrap", [10, 20, 40, 10]), ("clamp", [10, 20, 10, 40]), ("zero", [10, 20, 0, 0])]
)
def test_nearest(mode, expected):
    points = [(0.01, 0.5), (0.26, 0.5), (-0.01, 0.5), (1.01, 0.5)]
    assert sample(ROW, *points, filter_mode="nearest", boundary_mode=mode) == expected


def test_levels_are_means_of_blocks():
    """A step of one texel a pixel is level 0, of two level 1; the bias is added."""
    tex = torch.arange(16, dtype=torch.float64).reshape(1, 4, 4, 1)
    uv = torch.full((1, 1, 4, 2), 0.25, dtype=torch.float64)
    slopes = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    slopes[0, 0, :, 0] = torch.tensor([0.25, 0.5, 1.0, 0.25])
    bias = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64).reshape(1, 1, 4)
    values = dr.texture(tex, uv, slopes, bias, boundary_mode="clamp")[0, 0, :, 0]
    assert values.tolist() == pytest.approx([2.5, 2.5, 7.5, 2.5])
    only_bias = torch.tensor([0.0, 0.5, 2.0, 99.0], dtype=torch.float64).reshape(1, 1, 4)
    values = dr.texture(tex, uv * 0 + 0.125, mip_level_bias=only_bias, boundary_mode="clamp")[0, 0, :, 0]
    assert values.tolist() == pytest.approx([0, 1.25, 7.5, 7.5])
    values = dr.texture(tex, uv * 0 + 0.125, mip_level_bias=only_bias, boundary_mode="clamp", max_mip_level=1)
    assert values[0, 0, :, 0].tolist() == pytest.approx([0, 1.25, 2.5, 2.5])


def test_the_longer_axis_of_the_footprint_decides():
    tex = random(1, 16, 16, 1)
    uv = torch.full((1, 1, 1, 2), 0.3, dtype=torch.float64)
    slopes = torch.tensor([[[[0.25, 0.0, 0.0, 0.01]]]], dtype=torch.float64)  # Four texels by a sixth of one.
    level = torch.full((1, 1, 1), 2.0, dtype=torch.float64)
    torch.testing.assert_close(dr.texture(tex, uv, slopes), dr.texture(tex, uv, mip_level_bias=level))


def test_the_nearest_level():
    tex = random(1, 8, 8, 2)
    uv = random(1, 1, 4, 2, seed=1)
    for level, expected in ((0.4, 0.0), (0.6, 1.0), (1.4, 1.0), (1.6, 2.0)):
        one, other = (torch.full((1, 1, 4), value, dtype=torch.float64) for value in (level, expected))
        nearest = dr.texture(tex, uv, mip_level_bias=one, filter_mode="linear-mipmap-nearest")
        assert torch.equal(nearest, dr.texture(tex, uv, mip_level_bias=other))


@pytest.mark.parametrize("boundary", ["wrap", "clamp", "zero"])
@pytest.mark.parametrize("sets", [1, 2])
def test_values_and_gradients_agree_with_the_twin(boundary, sets, dtype):
    leaves = [
        random(sets, 4, 8, 2),
        random(2, 2, 3, 2, seed=1),
        0.2 * random(2, 2, 3, 4, seed=2),
        random(2, 2, 3, seed=3),
    ]
    upstream = random(2, 2, 3, 2, seed=4)
    results = []
    for function, kind in ((dr.texture, dtype), (twin_texture, torch.float64)):
        inputs = [leaf.to(dtype).to(kind).requires_grad_() for leaf in leaves]
        options = {"boundary_mode": boundary} if function is dr.texture else {"boundary": boundary}
        out = function(*inputs, **options)
        results.append([out, *torch.autograd.grad((out * upstream.to(kind)).sum(), inputs)])
    tolerance = 1e-9 if dtype == torch.float64 else 1e-4
    for mine, twin in zip(*results, strict=True):
        torch.testing.assert_close(mine.double(), twin, rtol=tolerance, atol=tolerance)


# Faces in order, each with the directions in which s and t grow (OpenGL 4.6, table 8.19).
FACES = [
    (AXES[0], -AXES[2], -AXES[1]),
    (-AXES[0], AXES[2], -AXES[1]),
    (AXES[1], AXES[0], AXES[2]),
    (-AXES[1], AXES[0], -AXES[2]),
    (AXES[2], AXES[0], -AXES[1]),
    (-AXES[2], -AXES[0], -AXES[1]),
]


@pytest.mark.parametrize("face", range(6))
def test_cube_faces_are_oriented_as_in_opengl(face):
    cube = torch.arange(6 * 4, dtype=torch.float64).reshape(1, 6, 2, 2, 1)
    main, along_s, along_t = FACES[face]
    for row, column in itertools.product(range(2), range(2)):
        direction = 3 * (main + (column - 0.5) * along_s + (row - 0.5) * along_t)
        assert sample(cube, direction.tolist(), boundary_mode="cube") == [4 * face + 2 * row + column]


def test_cube_seams_are_continuous():
    cube = random(1, 6, 4, 4, 1)
    generator = torch.Generator().manual_seed(0)
    for a, b, sign in itertools.product(range(3), range(3), (1.0, -1.0)):
        if a != b:
            seam = AXES[a] + sign * AXES[b] + (2 * torch.rand(1, generator=generator) - 1) * AXES[3 - a - b]
            sides = [(seam + side * 1e-9 * AXES[a]).tolist() for side in (1, -1)]
            values = sample(cube, *sides, boundary_mode="cube")
            assert values[0] == pytest.approx(values[1], abs=1e-6)


def test_cube_corners_are_the_mean_of_three_texels():
    cube = random(1, 6, 4, 4, 1)
    near = [sample(cube, (1.0 + a, 1.0 + b, 1.0 + c), boundary_mode="cube")[0]
            for a, b, c in ((1e-9, 0, 0), (0, 1e-9, 0), (0, 0, 1e-9))]  # fmt: skip
    assert near[0] == pytest.approx(near[1], abs=1e-6)
    assert near[0] == pytest.approx(near[2], abs=1e-6)


def test_a_constant_cube_is_constant_and_no_direction_gives_zero():
    cube = torch.full((1, 6, 4, 4, 2), 7.0, dtype=torch.float64)
    uv = random(1, 9, 9, 3)
    uv[0, 0, 0] = 0
    out = dr.texture(cube, uv, mip_level_bias=torch.full((1, 9, 9), 0.7).double(), boundary_mode="cube")
    assert not out[0, 0, 0].any()
    torch.testing.assert_close(out[0, 1:], torch.full_like(out[0, 1:], 7.0))


def check_gradients(function, leaves):
    errors = []
    for k, leaf in enumerate(leaves):
        moving = [other.clone().requires_grad_(k == j) for j, other in enumerate(leaves)]
        (gradient,) = torch.autograd.grad(function(*moving), moving[k])

        def value(moved, k=k):
            return function(*leaves[:k], moved, *leaves[k + 1 :])

        errors.append(relative_errors(gradient, numeric_gradient(value, leaf)))
    errors = torch.cat(errors)
    assert errors.median() <= 1e-6
    assert errors.quantile(0.99) <= 1e-4


def test_cube_gradients_by_central_differences():
    cube, uv, slopes = random(1, 6, 4, 4, 2), random(1, 3, 3, 3, seed=1), 0.4 * random(1, 3, 3, 6, seed=2)
    weights = random(1, 3, 3, 2, seed=3)
    check_gradients(lambda t, u, d: (dr.texture(t, u, d, boundary_mode="cube") * weights).sum(), [cube, uv, slopes])


@pytest.mark.parametrize("boundary", ["wrap", "clamp", "zero"])
def test_gradients_by_central_differences(boundary):
    leaves = [random(1, 4, 8, 2), random(1, 3, 3, 2, seed=1), 0.2 * random(1, 3, 3, 4, seed=2), random(1, 3, 3, seed=3)]
    weights = random(1, 3, 3, 2, seed=4)
    check_gradients(lambda *inputs: (dr.texture(*inputs, boundary_mode=boundary) * weights).sum(), leaves)


def test_levels_of_ones_own_have_gradients_of_their_own():
    tex, uv, slopes = random(1, 4, 8, 2), random(1, 3, 3, 2, seed=1), 0.3 * random(1, 3, 3, 4, seed=2)
    levels = [random(1, 2, 4, 2, seed=5), random(1, 1, 2, 2, seed=6), random(1, 1, 1, 2, seed=7)]
    weights = random(1, 3, 3, 2, seed=4)
    check_gradients(lambda t, *mip: (dr.texture(t, uv, slopes, mip=list(mip)) * weights).sum(), [tex, *levels])


@pytest.mark.parametrize("cube", [False, True])
def test_a_mipmap_made_once_is_the_one_made_each_time(cube):
    tex = random(2, 6, 4, 4, 3) if cube else random(2, 4, 8, 3)
    uv, slopes = random(2, 3, 3, 3 if cube else 2, seed=1), 0.3 * random(2, 3, 3, 6 if cube else 4, seed=2)
    made = dr.texture_construct_mip(tex, cube_mode=cube)
    results = []
    for mip in (made, made, None):
        leaf = tex.clone().requires_grad_()
        out = dr.texture(leaf, uv, slopes, mip=mip, boundary_mode="cube" if cube else "wrap")
        results.append((out, torch.autograd.grad(out.square().sum(), leaf)[0]))
    for out, gradient in results[1:]:
        assert torch.equal(out, results[0][0])
        assert torch.equal(gradient, results[0][1])


def test_sampling_is_linear_in_the_texture():
    """<A x, y> = <x, A' y>."""
    x, uv, slopes = random(1, 8, 8, 3).requires_grad_(), random(1, 5, 5, 2, seed=1), 0.2 * random(1, 5, 5, 4, seed=2)
    out = dr.texture(x, uv, slopes)
    y = random(*out.shape, seed=3)
    (transposed,) = torch.autograd.grad(out, x, y)
    assert (out * y).sum().item() == pytest.approx((x * transposed).sum().item(), rel=1e-12)


def test_sides_that_cannot_be_halved_are_refused():
    tex = random(1, 6, 8, 1)
    uv = random(1, 2, 2, 2)
    level = torch.ones(1, 2, 2, dtype=torch.float64)
    with pytest.raises(InputError, match=r"level 1 of the texture measures 3 x 4.*max_mip_level=1"):
        dr.texture(tex, uv, mip_level_bias=level)
    assert dr.texture(tex, uv, mip_level_bias=level, max_mip_level=1).isfinite().all()
    with pytest.raises(InputError, match="level 1"):
        dr.texture_construct_mip(tex)
