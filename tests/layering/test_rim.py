import math

import pytest
import torch

from dig_framework.layering.rim import find_rim, half_plane_area

DOUBLE = torch.float64


def rim(start, end, reach=1.0, size=(7, 5), inside=None):
    """Return what is found by one side; pixels below it, as it runs to the right, are outside of its face."""
    ends = (torch.tensor([point], dtype=DOUBLE) for point in (start, end))
    nothing = torch.zeros(size[0] * size[1], dtype=torch.bool)
    return find_rim(*ends, reach, size, nothing if inside is None else inside)


def test_finds_the_pixels_near_a_side():
    above = torch.arange(35) < 14
    found = rim([1.0, 1.5], [4.0, 1.5], 0.8, inside=above)
    assert found.pixel.tolist() == [7 + u for u in range(1, 5)] + [14 + u for u in range(1, 5)]
    assert torch.allclose(found.distance, torch.tensor(0.5, dtype=DOUBLE))
    assert torch.allclose(found.along, torch.tensor([0, 1 / 3, 2 / 3, 1] * 2, dtype=DOUBLE))
    assert torch.allclose(found.place[:, 1], torch.tensor(1.5, dtype=DOUBLE))
    assert torch.allclose(found.normal.abs(), torch.tensor([0.0, 1.0], dtype=DOUBLE))


def test_takes_the_nearest_side():
    ends = torch.tensor([[[0.0, -0.4], [6.0, -0.4]], [[0.0, -0.3], [6.0, -0.3]]], dtype=DOUBLE)
    found = find_rim(ends[:, 0], ends[:, 1], 1.0, (7, 1), torch.zeros(7, dtype=torch.bool))
    assert found.pixel.tolist() == list(range(7))
    assert found.side.tolist() == [1] * 7


def test_passes_over_a_side_that_has_the_pixel_on_its_wrong_side():
    """Seen centres in front of a side, and centres beside the object behind one, belong to another side."""
    everything = torch.ones(35, dtype=torch.bool)
    assert rim([0.0, 1.5], [6.0, 1.5], inside=everything).pixel.tolist() == list(range(7, 14))
    assert rim([0.0, 1.5], [6.0, 1.5], inside=~everything).pixel.tolist() == list(range(14, 21))


@pytest.mark.parametrize("ends", [([-9.0, -9.0], [-3.0, -8.0]), ([9.0, 9.0], [12.0, 9.0])])
def test_nothing_is_near_a_side_outside_of_the_window(ends):
    assert len(rim(*ends).pixel) == 0


def test_a_side_without_length_is_a_point():
    found = rim([2.0, 2.0], [2.0, 2.0])
    assert found.pixel.tolist() == [16]
    assert float(found.distance) == 0
    assert bool(found.place.isfinite().all())


@pytest.mark.parametrize("angle", [0.0, 0.2, math.pi / 4, 1.3, math.pi / 2])
@pytest.mark.parametrize("softness", [1.0, 2.5])
def test_area_is_that_of_the_square_on_one_side(angle, softness):
    """Against a grid of 1000 x 1000 points in the square."""
    normal = torch.tensor([math.cos(angle), math.sin(angle)], dtype=DOUBLE)
    ticks = ((torch.arange(1000, dtype=DOUBLE) + 0.5) / 1000 - 0.5) * softness
    points = torch.stack(torch.meshgrid(ticks, ticks, indexing="ij"), -1)
    distance = torch.tensor([-0.6, -0.2, 0.0, 0.3, 0.45, 0.8], dtype=DOUBLE) * softness
    expected = torch.stack([(points @ normal < far).double().mean() for far in distance])
    area = half_plane_area(distance, normal.expand(6, 2), softness)
    assert float((area - expected).abs().max()) < 2e-3


def test_distance_and_area_have_the_right_gradients():
    start = torch.tensor([[0.3, 0.4], [3.0, 0.2]], dtype=DOUBLE, requires_grad=True)
    end = torch.tensor([[3.1, 1.3], [3.2, 3.6]], dtype=DOUBLE, requires_grad=True)
    nothing = torch.zeros(35, dtype=torch.bool)

    def area(start, end):
        found = find_rim(start, end, 0.7, (7, 5), nothing)
        return half_plane_area(found.distance, found.normal, 1.0), found.along

    assert torch.autograd.gradcheck(area, (start, end))
