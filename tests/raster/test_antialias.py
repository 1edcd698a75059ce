import math

import pytest
import torch
from meshes import CONTEXT, numeric_gradient, pixel_positions, random_scene, relative_errors, triangles
from raster_twins import twin_antialias

import dig_framework.raster as dr


def coverage(pos, tri, size, **options):
    """Return antialiased masks of a mesh [N, height, width]."""
    rast, _ = dr.rasterize(CONTEXT, pos, tri, size)
    mask = (rast[..., 3:] > 0).to(pos.dtype)
    return dr.antialias(mask, rast, pos, tri, **options)[..., 0]


def rectangle(x0, x1, y0, y1, size, dtype=torch.float64):
    pos = pixel_positions([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], size, dtype)
    return pos, triangles((0, 1, 2), (0, 2, 3))


@pytest.mark.parametrize(
    ("edge", "expected"),
    [(2.5, [1, 1, 0.5, 0]), (2.75, [1, 1, 0.75, 0]), (3.25, [1, 1, 1, 0.25]), (3.0, [1, 1, 1, 0])],
)
def test_a_vertical_edge_covers_what_it_cuts(edge, expected, dtype):
    """Blending is exact for straight edges along an axis: the share of the pixel that is covered."""
    pos, tri = rectangle(-9, edge, -9, 9, (4, 4), dtype)
    for row in coverage(pos, tri, (4, 4))[0]:
        assert row.tolist() == pytest.approx(expected, abs=1e-6)


def test_horizontal_edges_blend_along_columns():
    pos, tri = rectangle(-9, 9, -9, 2.75, (4, 4))
    for column in coverage(pos, tri, (4, 4))[0].T:
        assert column.tolist() == pytest.approx([1, 1, 0.75, 0])


def test_edges_inside_a_flat_mesh_are_no_silhouettes():
    pos, tri = rectangle(0, 4, 0, 4, (4, 4))
    rast, _ = dr.rasterize(CONTEXT, pos, tri, (4, 4))
    color = torch.where(rast[..., 3:] == 1, 1.0, 3.0).double()
    assert torch.equal(dr.antialias(color, rast, pos, tri), color)


def test_duplicated_vertices_make_every_edge_a_silhouette():
    size = (4, 4)
    pos = pixel_positions([(0, -4), (2.3, -4), (2.3, 8), (0, 8), (2.3, -4), (9, -4), (9, 8), (2.3, 8)], size)
    parts = ((0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7))
    shared = tuple(tuple({4: 1, 7: 2}.get(v, v) for v in part) for part in parts)
    for tri, soft in ((triangles(*parts), True), (triangles(*shared), False)):
        rast, _ = dr.rasterize(CONTEXT, pos, tri, size)
        color = torch.where(rast[..., 3:] < 3, 0.0, 1.0).double()
        blended = dr.antialias(color, rast, pos, tri)
        assert torch.equal(blended, color) != soft
        if soft:  # The edge at 2.3 lies 0.8 of the way from centre 1.5 to centre 2.5: 0.3 spills.
            assert blended[0, 1, :, 0].tolist() == pytest.approx([0, 0, 0.7, 1])


@pytest.mark.parametrize(("third", "soft"), [((0.0, 2.0, 0.3), True), ((8.0, 2.0, 0.3), False)])
def test_a_fold_is_a_silhouette_and_a_crease_is_not(third, soft):
    """Two triangles share the edge at column 2.25; the other one either folds back behind the first or goes on."""
    size = (4, 4)
    pos = pixel_positions([(2.25, -20, 0), (2.25, 24, 0), (-20, 2, 0), third], size)
    tri = triangles((0, 1, 2), (1, 0, 3))
    rast, _ = dr.rasterize(CONTEXT, pos, tri, size)
    color = torch.where(rast[..., 3:] == 1, 1.0, 0.0).double()
    blended = dr.antialias(color, rast, pos, tri)
    assert torch.equal(color, blended) != soft


def test_a_neighbour_seen_from_the_side_leaves_the_edge_a_silhouette():
    """The front face of a box, seen head on."""
    size = (4, 4)
    front = [(1, 1, 0), (2.75, 1, 0), (2.75, 3, 0), (1, 3, 0)]
    back = [(x, y, 0.5) for x, y, _ in front]
    tri = triangles((0, 1, 2), (0, 2, 3), (1, 5, 6), (1, 6, 2))
    rast, _ = dr.rasterize(CONTEXT, pixel_positions(front + back, size), tri, size)
    mask = dr.antialias((rast[..., 3:] > 0).double(), rast, pixel_positions(front + back, size), tri)
    assert mask[0, 1, :, 0].tolist() == pytest.approx([0, 1, 0.75, 0])


def test_what_is_behind_gets_no_gradient():
    """A small triangle behind a large one: its silhouettes are hidden."""
    size = (8, 8)
    front = [(-20.0, -20.0, -0.5), (40.0, -20.0, -0.5), (-20.0, 40.0, -0.5)]
    pos = pixel_positions([*front, (1.2, 1.3, 0.5), (6.1, 1.7, 0.5), (3.3, 5.9, 0.5)], size).requires_grad_()
    tri = triangles((0, 1, 2), (3, 4, 5))
    rast, _ = dr.rasterize(CONTEXT, pos, tri, size)
    color = torch.randn(1, 8, 8, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    (gradient,) = torch.autograd.grad(dr.antialias(color, rast, pos, tri).square().sum(), pos)
    assert not gradient.any()


def polygon(radius, corners, size):
    """Return a regular polygon around the middle of an image, as a fan of its corners."""
    angles = torch.arange(corners) * (2 * math.pi / corners) + 0.1
    unit = torch.stack([angles.cos(), angles.sin()], 1).double()
    points = unit * radius + torch.tensor([31.3, 32.8], dtype=torch.float64)
    flat = torch.tensor([0.0, 1.0], dtype=torch.float64).expand(corners, 2)
    sides = torch.tensor([size[1], size[0]], dtype=torch.float64)
    pos = torch.cat([2 * points / sides - 1, flat], 1)[None]
    return pos, triangles(*((0, k, k + 1) for k in range(1, corners - 1)))


@pytest.mark.parametrize("corners", [3, 4, 6])
def test_the_area_of_a_polygon_and_its_derivative(corners):
    radius = torch.tensor(28.0, dtype=torch.float64, requires_grad=True)
    share = 0.5 * corners * math.sin(2 * math.pi / corners)
    pos, tri = polygon(radius, corners, (64, 64))
    area = coverage(pos, tri, (64, 64)).sum()
    area.backward()
    assert area.item() == pytest.approx(share * 28**2, rel=0.01)
    # Next to a corner the way to the neighbouring pixel may leave through another triangle, whose edge is not seen.
    assert radius.grad.item() == pytest.approx(2 * share * 28, rel=0.05)


def test_the_boost_multiplies_the_gradient_of_positions(dtype):
    gradients = []
    for boost in (1.0, 4.0):
        pos, tri = rectangle(0.2, 2.7, 0.6, 3.1, (4, 4), dtype)
        pos.requires_grad_()
        coverage(pos, tri, (4, 4), pos_gradient_boost=boost).sum().backward()
        gradients.append(pos.grad)
    assert gradients[0].any()
    assert torch.equal(4 * gradients[0], gradients[1])


@pytest.mark.parametrize("seed", range(2))
def test_values_and_gradients_agree_with_the_twin(seed):
    scene = random_scene(seed, 4, (9, 10), 1)
    tri = torch.cat([scene.tri, triangles((0, 1, 2), (1, 0, 3))])
    rast, _ = dr.rasterize(CONTEXT, scene.pos, tri, scene.size)
    generator = torch.Generator().manual_seed(seed)
    color, upstream = torch.randn(2, 1, 9, 10, 2, generator=generator, dtype=torch.float64)
    results = []
    for function in (dr.antialias, twin_antialias):
        leaves = [color.clone().requires_grad_(), scene.pos.clone().requires_grad_()]
        out = function(leaves[0], rast, leaves[1], tri)
        results.append([out, *torch.autograd.grad((out * upstream).sum(), leaves)])
    for mine, twin in zip(*results, strict=True):
        torch.testing.assert_close(mine, twin, rtol=1e-9, atol=1e-9)


def test_gradients_by_central_differences():
    errors = []
    for seed in range(2):
        scene = random_scene(seed + 60, 3, (7, 8), 1)
        rast, _ = dr.rasterize(CONTEXT, scene.pos, scene.tri, scene.size)
        generator = torch.Generator().manual_seed(seed)
        color, weights = torch.randn(2, 1, 7, 8, 3, generator=generator, dtype=torch.float64)

        def value(pos, color, rast=rast, scene=scene, weights=weights):
            return (dr.antialias(color, rast, pos, scene.tri) * weights).sum()

        leaves = [scene.pos.clone().requires_grad_(), color.clone().requires_grad_()]
        gradients = torch.autograd.grad(value(*leaves), leaves)
        for k, part in enumerate((lambda p, v=value, c=color: v(p, c), lambda c, v=value, s=scene: v(s.pos, c))):
            errors.append(relative_errors(gradients[k], numeric_gradient(part, leaves[k])))
    errors = torch.cat(errors)
    assert errors.median() <= 1e-6
    assert errors.quantile(0.99) <= 1e-4


def test_the_topology_hash_changes_nothing_but_the_cost(scene):
    rast, _ = dr.rasterize(CONTEXT, scene.pos, scene.tri, scene.size)
    color = torch.randn(2, 11, 14, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    known = dr.antialias_construct_topology_hash(scene.tri)
    first = dr.antialias(color, rast, scene.pos, scene.tri)
    assert torch.equal(first, dr.antialias(color, rast, scene.pos, scene.tri, topology_hash=known))


def test_opposite_vertices_of_open_closed_and_repeated_triangles():
    def opposite(*corners):
        return dr.antialias_construct_topology_hash(triangles(*corners)).opposite.tolist()

    assert opposite((0, 1, 2), (1, 0, 3)) == [[-1, -1, 3], [-1, -1, 2]]
    assert opposite((0, 1, 2), (0, 1, 2)) == [[-1, -1, -1]] * 2
    assert opposite((0, 1, 2), (1, 0, 3), (0, 1, 4)) == [[-1, -1, 3], [-1, -1, 2], [-1, -1, 2]]
    assert opposite((0, 1, 2), (0, 3, 1), (0, 2, 3), (1, 3, 2)) == [[3, 3, 3], [2, 2, 2], [1, 1, 1], [0, 0, 0]]
    assert opposite((0, 2_000_000_000, 7), (2_000_000_000, 0, 9)) == [[-1, -1, 9], [-1, -1, 7]]
