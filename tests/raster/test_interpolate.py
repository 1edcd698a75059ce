import pytest
import torch
from meshes import CONTEXT, numeric_gradient, pixel_positions, random_scene, relative_errors, triangles
from raster_twins import twin_interpolate

import dig_framework.raster as dr


def drawn(scene, dtype):
    rast, slopes = dr.rasterize(CONTEXT, scene.pos.to(dtype), scene.tri, scene.size)
    return rast.detach(), slopes.detach()


def attributes(sets, vertices, count=3, seed=0):
    return torch.randn(sets, vertices, count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("sets", [1, 2])
def test_values_and_gradients_agree_with_the_twin(scene, sets, dtype):
    rast, slopes = drawn(scene, torch.float64)
    attr = attributes(sets, scene.pos.shape[1])
    generator = torch.Generator().manual_seed(1)
    grads = []
    upstream = [torch.randn(*rast.shape[:3], c, generator=generator, dtype=torch.float64) for c in (3, 4)]
    outputs = []
    for function, kind in ((dr.interpolate, dtype), (twin_interpolate, torch.float64)):
        leaves = [leaf.to(kind).detach().requires_grad_() for leaf in (attr, rast, slopes)]
        out = function(leaves[0], leaves[1], scene.tri, leaves[2], [2, 0])
        sum((a * b.to(kind)).sum() for a, b in zip(out, upstream, strict=True)).backward()
        outputs.append(out)
        grads.append([leaves[0].grad, leaves[1].grad[..., :2], leaves[2].grad])
        assert not leaves[1].grad[..., 2:].any() or function is twin_interpolate
    tolerance = 1e-12 if dtype == torch.float64 else 2e-5
    for mine, twin in zip([*outputs[0], *grads[0]], [*outputs[1], *grads[1]], strict=True):
        scale = twin.abs().max().clamp(min=1)
        torch.testing.assert_close(mine.double() / scale, twin / scale, rtol=0, atol=tolerance)


def test_slopes_of_attributes_are_those_of_the_plane():
    """Attribute 3 column + 5 row of a flat triangle grows by 3 a pixel to the right and 5 a pixel up."""
    points = [(0.0, 0.0), (8.0, 1.0), (1.0, 8.0)]
    tri = triangles((0, 1, 2))
    rast, slopes = dr.rasterize(CONTEXT, pixel_positions(points, (8, 8)), tri, (8, 8))
    attr = torch.tensor([[3 * x + 5 * y, 7.0] for x, y in points], dtype=torch.float64)
    out, out_slopes = dr.interpolate(attr, rast, tri, slopes, "all")
    inside = rast[0, ..., 3] > 0
    y, x = torch.meshgrid(torch.arange(8) + 0.5, torch.arange(8) + 0.5, indexing="ij")
    torch.testing.assert_close(out[0, ..., 0][inside], (3 * x + 5 * y).double()[inside])
    expected = torch.tensor([3.0, 5.0, 0.0, 0.0], dtype=torch.float64).expand(int(inside.sum()), 4)
    torch.testing.assert_close(out_slopes[0][inside], expected)
    assert not out[0][~inside].any()
    assert not out_slopes[0][~inside].any()


def test_listed_attributes(scene):
    rast, slopes = drawn(scene, torch.float64)
    attr = attributes(1, scene.pos.shape[1])
    every = dr.interpolate(attr, rast, scene.tri, slopes, "all")[1]
    some = dr.interpolate(attr, rast, scene.tri, slopes, [-1, 0, 3, -4])[1]
    assert torch.equal(some[..., :2], every[..., 4:])
    assert torch.equal(some[..., 2:4], every[..., :2])
    assert not some[..., 4:].any()
    assert dr.interpolate(attr, rast, scene.tri)[1].shape == (*rast.shape[:3], 0)


def test_another_index_buffer():
    """Texture coordinates have indices of their own; triangles beyond the buffer are empty."""
    pos = pixel_positions([(0, 0), (4, 0), (0, 4), (4, 4)], (4, 4))
    rast, _ = dr.rasterize(CONTEXT, pos, triangles((0, 1, 2), (3, 2, 1)), (4, 4))
    attr = torch.tensor([[5.0]], dtype=torch.float64)
    out, _ = dr.interpolate(attr, rast, triangles((0, 0, 0)))
    assert torch.equal(out[..., 0] == 5, rast[..., 3] == 1)


def test_forward_and_backward_are_each_others_transpose(scene):
    """Interpolation is linear in the attributes: <A x, y> = <x, A' y>."""
    rast, _ = drawn(scene, torch.float64)
    x = attributes(2, scene.pos.shape[1]).requires_grad_()
    out, _ = dr.interpolate(x, rast, scene.tri)
    y = attributes(2, 11 * 14, seed=4).reshape(out.shape)
    (transposed,) = torch.autograd.grad(out, x, y)
    assert (out * y).sum().item() == pytest.approx((x * transposed).sum().item(), rel=1e-12)


def test_gradients_by_central_differences():
    """Through visibility, weights and slopes to positions: the pieces together."""
    errors = []
    for seed in range(3):
        scene = random_scene(seed + 40, 3, (6, 7), 1)
        attr = attributes(1, scene.pos.shape[1], seed=seed)
        weights = attributes(1, 6 * 7, 9, seed=seed + 9).reshape(1, 6, 7, 9)

        def value(pos, attr=attr, scene=scene, weights=weights):
            rast, slopes = dr.rasterize(CONTEXT, pos, scene.tri, scene.size)
            return (torch.cat(dr.interpolate(attr, rast, scene.tri, slopes, "all"), 3) * weights).sum()

        pos = scene.pos.clone().requires_grad_()
        leaf = attr.clone().requires_grad_()
        gradients = torch.autograd.grad(value(pos, leaf), (pos, leaf))
        keep = [0, 1, 3]
        errors.append(relative_errors(gradients[0][..., keep], numeric_gradient(value, pos)[..., keep]))
        errors.append(relative_errors(gradients[1], numeric_gradient(lambda a, v=value, p=pos: v(p, a), attr)))
    errors = torch.cat(errors)
    assert errors.median() <= 1e-6
    assert errors.quantile(0.99) <= 1e-4
