import pytest
import torch
from meshes import CONTEXT, Scene, ids, numeric_gradient, pixel_positions, random_scene, relative_errors, triangles
from raster_twins import twin_rasterize, weights_at

import dig_framework.raster as dr
from dig_framework.raster.triangle_ids import decode_id, encode_id, triangle_ids


def draw(points, tri, size=(4, 4), dtype=torch.float64):
    return dr.rasterize(CONTEXT, pixel_positions(points, size, dtype), tri, size)


def test_row_zero_is_the_bottom_row(dtype):
    rast, _ = draw([(0, 0), (2, 0), (0, 2)], triangles((0, 1, 2)), dtype=dtype)
    assert ids(rast) == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert rast.dtype == dtype


def test_centres_are_at_halves():
    # Pixel (row 1, column 2) has its centre at (2.5, 1.5): vertices there have weights of one.
    rast, _ = draw([(2.5, 1.5), (0, 4), (0, 0)], triangles((0, 1, 2)))
    near = draw([(2.5 + 1e-6, 1.5), (0, 4), (0, 0)], triangles((0, 1, 2)))[0]
    assert (near[0, 1, 1, 0] - rast[0, 1, 1, 0]).abs() < 1e-6
    assert rast[0, 1, 0, :2].tolist() == pytest.approx([0.5 / 2.5, (1.5 - 0.5 / 2.5 * 1.5) / 4], abs=1e-12)


@pytest.mark.parametrize(("left", "covered"), [(0.5 - 1 / 33, True), (0.5 + 1 / 33, True), (0.5 + 1 / 31, False)])
def test_vertices_are_snapped_to_sixteenths(left, covered):
    """A left edge up to 1/32 px right of a centre snaps onto it, and left edges own their centres."""
    rast, _ = draw([(left, -4), (9, 0.5), (left, 5)], triangles((0, 1, 2)))
    assert bool(rast[0, 0, 0, 3] > 0) == covered


def test_a_shared_edge_through_centres_is_covered_once(dtype):
    quad = [(0, 0), (4, 0), (4, 4), (0, 4)]
    first, _ = draw(quad, triangles((0, 1, 2)), dtype=dtype)
    second, _ = draw(quad, triangles((0, 2, 3)), dtype=dtype)
    assert torch.equal((first[..., 3] > 0).int() + (second[..., 3] > 0).int(), torch.ones(1, 4, 4, dtype=torch.int32))


def test_a_fan_covers_every_pixel_once():
    generator = torch.Generator().manual_seed(0)
    rim = [(0.0, 0.0), (16.0, 0.0), (16.0, 16.0), (0.0, 16.0)]
    for _ in range(10):
        center = (16 * torch.rand(2, generator=generator)).tolist()
        parts = [draw([*rim, center], triangles((k, (k + 1) % 4, 4)), (16, 16))[0] for k in range(4)]
        assert torch.equal(sum((part[..., 3] > 0).int() for part in parts), torch.ones(1, 16, 16, dtype=torch.int32))


def test_both_windings_are_drawn_and_weights_belong_to_corners():
    one, _ = draw([(0, 0), (4, 0), (0, 4)], triangles((0, 1, 2)))
    other, _ = draw([(0, 0), (4, 0), (0, 4)], triangles((1, 0, 2)))
    assert torch.equal(one[..., 0], other[..., 1])
    assert torch.equal(one[..., 3], other[..., 3])
    assert one[0, 0, 0, :2].tolist() == pytest.approx([0.75, 0.125])


def test_the_smallest_z_wins_and_the_first_of_equals():
    behind = [(0, 0, 0.5), (4, 0, 0.5), (0, 4, 0.5)]
    front = [(0, 0, -0.5), (4, 0, -0.5), (0, 4, -0.5)]
    rast, _ = draw(behind + front, triangles((0, 1, 2), (3, 4, 5)))
    assert rast[0, 0, 0, 2:].tolist() == [-0.5, 2]
    rast, _ = draw(front + front, triangles((0, 1, 2), (3, 4, 5)))
    assert rast[0, 0, 0, 3] == 1


def test_weights_are_perspective_correct():
    """Half way on the screen between w = 1 and w = 3 is a quarter of the way in space."""
    pos = torch.tensor([[[-1, -1, 0, 1], [3, -3, 0, 3], [-1, 1, 0, 1], [3, 3, 0, 3]]], dtype=torch.float64)
    rast, _ = dr.rasterize(CONTEXT, pos, triangles((0, 1, 2), (1, 3, 2)), (1, 2))
    attr, _ = dr.interpolate(pos[0, :, 3:], rast, triangles((0, 1, 2), (1, 3, 2)))
    # 1/w is linear on the screen: at X = -1/2 it is (3/4) / 1 + (1/4) / 3.
    assert attr[0, 0, :, 0].tolist() == pytest.approx([1 / (0.75 + 0.25 / 3), 1 / (0.25 + 0.75 / 3)])


@pytest.mark.parametrize(("z", "drawn"), [(-1.01, False), (-0.99, True), (0.99, True), (1.01, False)])
def test_near_and_far_planes(z, drawn):
    rast, _ = draw([(0, 0, z), (4, 0, z), (0, 4, z)], triangles((0, 1, 2)))
    assert bool((rast[..., 3] > 0).any()) == drawn


def test_clipping_agrees_with_inside_tests_in_homogeneous_space():
    """Triangles through all planes, and behind the camera, against a test of every pixel's ray."""
    generator = torch.Generator().manual_seed(1)
    drawn = 0
    for _ in range(40):
        corners = 4 * torch.rand(1, 3, 4, generator=generator, dtype=torch.float64) - 2
        rast, _ = dr.rasterize(CONTEXT, corners, triangles((0, 1, 2)), (16, 16))
        y, x = torch.meshgrid(*[(2 * torch.arange(16, dtype=torch.float64) + 1) / 16 - 1] * 2, indexing="ij")
        u, v, depth = weights_at(corners[0], x, y)
        weights = torch.stack([u, v, 1 - u - v])
        w = torch.einsum("k,kyx->yx", corners[0, :, 3], weights)
        margin = torch.minimum(torch.minimum(weights.amin(0), w), 1 - depth.abs())
        seen = rast[0, ..., 3] > 0
        slope = margin.diff(dim=0).abs().max() + margin.diff(dim=1).abs().max()
        sure = margin.abs() > 0.1 * slope.clamp(max=1) + 0.02
        assert torch.equal(seen[sure], (margin > 0)[sure])
        assert (rast[0, ..., 2].abs() <= 1).all()
        drawn += int(seen.sum())
    assert drawn > 300


def test_clipped_neighbours_stay_watertight():
    """A floor that reaches behind the camera, in strips, covers what lies below the horizon once."""
    strips, total = 7, torch.zeros(1, 24, 24, dtype=torch.int32)
    for k in range(strips):
        x0, x1 = -40 + 80 * k / strips, -40 + 80 * (k + 1) / strips
        corners = [(x0, -1, -6.2, -5), (x1, -1, -6.2, -5), (x1, -1, 58, 59), (x0, -1, 58, 59)]
        pos = torch.tensor([corners], dtype=torch.float64)
        for face in ((0, 1, 2), (0, 2, 3)):
            total += (dr.rasterize(CONTEXT, pos, triangles(face), (24, 24))[0][..., 3] > 0).int()
    assert int(total.max()) == 1
    rows = total[0].float().mean(1)
    assert rows[:10].tolist() == [1.0] * 10
    assert rows[12:].sum() == 0


def test_ranges_choose_triangles_and_keep_their_numbers(dtype):
    pos = pixel_positions([(0, 0), (4, 0), (0, 4), (4, 4)], (4, 4), dtype)[0]
    ranges = torch.tensor([[1, 1], [0, 2], [0, 0]], dtype=torch.int32)
    rast, _ = dr.rasterize(CONTEXT, pos, triangles((0, 1, 2), (3, 2, 1)), (4, 4), ranges=ranges)
    assert [sorted(set(image[..., 3].flatten().tolist())) for image in rast] == [[0, 2], [1, 2], [0]]


def test_ids_beyond_two_to_the_24_are_coded_by_float_spacing():
    for number in (1, 2**24, 2**24 + 1, 2**24 + 12345, 2**25 + 7, 2**26 - 1, 2**28 + 3):
        code = torch.tensor(encode_id(number, False), dtype=torch.float32)
        assert decode_id(code.numpy()[()], False) == number
        assert int(triangle_ids(torch.stack([code] * 4)[None, None, None])) == number
        assert encode_id(number, True) == number
    assert encode_id(2**24 + 1, False) == 2**24 + 2
    assert encode_id(2**24 + 2, False) == 2**24 + 4


def test_moving_by_one_pixel_moves_the_image(dtype):
    size = (16, 16)
    scene = random_scene(5, 8, size, 1)
    pos = (torch.round(scene.pos * 64) / 64).to(dtype)
    pos[..., 3] = 1
    moved = pos.clone()
    moved[..., 0] += 2 / 16
    first, slopes = dr.rasterize(CONTEXT, pos, scene.tri, size)
    second, moved_slopes = dr.rasterize(CONTEXT, moved, scene.tri, size)
    assert torch.equal(first[:, :, :-1, 3], second[:, :, 1:, 3])
    tolerance = 1e-12 if dtype == torch.float64 else 1e-5
    torch.testing.assert_close(first[:, :, :-1], second[:, :, 1:], rtol=0, atol=tolerance)
    torch.testing.assert_close(slopes[:, :, :-1], moved_slopes[:, :, 1:], rtol=tolerance, atol=tolerance)


def front_only(scene: Scene) -> torch.Tensor:
    pos = scene.pos.clone()
    pos[..., 2] = pos[..., 2].clamp(-0.9, 0.9) * pos[..., 3].clamp(max=1)
    return pos


@pytest.mark.parametrize("seed", range(4))
def test_values_and_gradients_agree_with_the_twin(seed, dtype):
    scene = random_scene(seed, 5)
    pos = front_only(scene)
    mine, twin = pos.to(dtype).requires_grad_(), pos.to(dtype).double().requires_grad_()
    generator = torch.Generator().manual_seed(seed)
    outputs = [dr.rasterize(CONTEXT, mine, scene.tri, scene.size), twin_rasterize(twin, scene.tri, *scene.size)]
    upstream = torch.randn(2, *outputs[1][0].shape, generator=generator, dtype=torch.float64)
    tolerance = 1e-9 if dtype == torch.float64 else 2e-4
    for a, b, g in zip(*outputs, upstream, strict=True):
        torch.testing.assert_close(a.double(), b, rtol=tolerance, atol=tolerance)
        (a * g.to(dtype)).sum().backward(retain_graph=True)
        (b * g).sum().backward(retain_graph=True)
    scale = twin.grad.abs().max()
    torch.testing.assert_close(mine.grad.double() / scale, twin.grad / scale, rtol=0, atol=tolerance)
    assert (mine.grad[..., 2] == 0).all()


def test_gradients_by_central_differences():
    errors = []
    for seed in range(4):
        scene = random_scene(seed + 20, 3, (7, 8), 1)
        generator = torch.Generator().manual_seed(seed)
        weights = torch.randn(2, 1, 7, 8, 4, generator=generator, dtype=torch.float64)
        weights[0, ..., 2:] = 0

        def value(pos, scene=scene, weights=weights):
            rast, slopes = dr.rasterize(CONTEXT, pos, scene.tri, scene.size)
            return (rast * weights[0]).sum() + (slopes * weights[1]).sum()

        pos = scene.pos.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(value(pos), pos)
        keep = [0, 1, 3]  # Neither ids nor depths have gradients, but z decides what is seen.
        errors.append(relative_errors(gradient[..., keep], numeric_gradient(value, pos)[..., keep]))
    errors = torch.cat(errors)
    assert errors.median() <= 1e-6
    assert errors.quantile(0.99) <= 1e-4


def test_clamped_weights_have_no_false_gradient():
    """The corner (0.5 - 1/40, 0.5) snaps onto a centre that it does not reach: u is clamped to one there."""
    size = (4, 4)
    pos = pixel_positions([(0.5 - 1 / 40, -3), (9, 0.5), (0.5 - 1 / 40 + 1 / 33, 5)], size).requires_grad_()
    weights = torch.zeros(1, 4, 4, 4, dtype=torch.float64)
    weights[..., 0], weights[..., 1] = 1.0, 0.7

    def value(pos):
        return (dr.rasterize(CONTEXT, pos, triangles((0, 1, 2)), size)[0] * weights).sum()

    (gradient,) = torch.autograd.grad(value(pos), pos)
    assert relative_errors(gradient, numeric_gradient(value, pos, 1e-7)).max() < 1e-5


def test_grad_db_switches_the_gradient_of_slopes_off(scene):
    pos = scene.pos.clone().requires_grad_()
    rast, slopes = dr.rasterize(CONTEXT, pos, scene.tri, scene.size, grad_db=False)
    assert rast.requires_grad
    assert not slopes.requires_grad


def test_the_older_context_can_leave_slopes_out(scene):
    rast, slopes = dr.rasterize(dr.RasterizeGLContext(output_db=False), scene.pos, scene.tri, scene.size)
    assert slopes.shape == (*rast.shape[:3], 0)


def test_empty_meshes_give_empty_images(dtype):
    for vertices, images in ((0, 2), (3, 2), (3, 0)):
        pos = torch.zeros(images, vertices, 4, dtype=dtype)
        rast, slopes = dr.rasterize(CONTEXT, pos, triangles(), (3, 5))
        assert rast.shape == slopes.shape == (images, 3, 5, 4)
        assert not rast.any()
