import pytest
import torch
from meshes import CONTEXT, pixel_positions, triangles

import dig_framework.raster as dr
from dig_framework.errors import InputError

SIZE = (4, 4)


def layers(depths, count, dtype=torch.float64):
    points = [(x, y, z) for z in depths for x, y in ((0, 0), (4, 0), (0, 4))]
    tri = torch.arange(3 * len(depths), dtype=torch.int32).reshape(-1, 3)
    pos = pixel_positions(points, SIZE, dtype)
    with dr.DepthPeeler(CONTEXT, pos, tri, SIZE) as peeler:
        drawn = [peeler.rasterize_next_layer() for _ in range(count)]
    return drawn, dr.rasterize(CONTEXT, pos, tri, SIZE)


def test_layers_come_one_behind_the_other(dtype):
    drawn, direct = layers([0.5, -0.5, 0.0], 4, dtype)
    assert [layer[0][0, 0, 0, 3].item() for layer in drawn] == [2, 3, 1, 0]
    assert torch.equal(drawn[0][0], direct[0])
    assert torch.equal(drawn[0][1], direct[1])


def test_of_coincident_surfaces_one_is_seen_once():
    drawn, _ = layers([0.3, 0.3, 0.7], 3)
    assert [layer[0][0, 0, 0, 3].item() for layer in drawn] == [1, 3, 0]


def test_coincident_surfaces_with_other_corners_are_equally_deep():
    corners = [(0.0, 0.0, 0.31), (4.0, 0.3, -0.47), (0.2, 4.0, 0.11)]
    pos = pixel_positions(corners, (16, 16))
    with dr.DepthPeeler(CONTEXT, pos, triangles((0, 1, 2), (1, 2, 0), (2, 1, 0)), (16, 16)) as peeler:
        assert peeler.rasterize_next_layer()[0][..., 3].max() == 1
        assert not peeler.rasterize_next_layer()[0].any()


def test_layers_have_gradients():
    pos = pixel_positions([(0, 0, 0), (4, 0, 0), (0, 4, 0), (0, 0, 0.5), (4, 0, 0.5), (0, 4, 0.5)], SIZE)
    pos.requires_grad_()
    with dr.DepthPeeler(CONTEXT, pos, triangles((0, 1, 2), (3, 4, 5)), SIZE) as peeler:
        peeler.rasterize_next_layer()
        rast, _ = peeler.rasterize_next_layer()
    (gradient,) = torch.autograd.grad(rast[..., :2].square().sum(), pos)
    assert not gradient[0, :3].any()
    assert gradient[0, 3:, :2].any()


def test_misuse_is_refused():
    pos, tri = pixel_positions([(0, 0), (4, 0), (0, 4)], SIZE), triangles((0, 1, 2))
    context = dr.RasterizeCudaContext()
    peeler = dr.DepthPeeler(context, pos, tri, SIZE)
    with pytest.raises(InputError, match="inside the `with` block"):
        peeler.rasterize_next_layer()
    with peeler:
        assert context.active_depth_peeler is peeler
        with pytest.raises(InputError, match="active DepthPeeler"):
            dr.rasterize(context, pos, tri, SIZE)
        with pytest.raises(InputError, match="active peeler"), dr.DepthPeeler(context, pos, tri, SIZE):
            pass
    assert context.active_depth_peeler is None
    with pytest.raises(InputError, match="used once"), peeler:
        pass
    with pytest.raises(InputError, match="inside the `with` block"):
        peeler.rasterize_next_layer()
