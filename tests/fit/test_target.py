import torch

from dig_framework.evidence import SensorNoise
from dig_framework.fitting.region import Region
from dig_framework.fitting.target import Target, full_target
from dig_framework.testing.scenes import two_spheres

NOISE = SensorNoise()


def target(region: Region | None = None) -> Target:
    scene = two_spheres(size=64)
    observation = scene.observation()
    assert observation.masks is not None
    whole = region or Region(0, 0, 64, 64)
    nothing = torch.zeros_like(observation.masks)
    return full_target(observation, whole, observation.masks, nothing, scene.scene.plane, NOISE, 0.012)


def test_region_is_around_the_mask_and_inside_the_image():
    mask = torch.zeros(100, 200, dtype=torch.bool)
    mask[40:60, 10:50] = True
    assert Region.around(mask, 0.1) == Region(0, 30, 62, 40)
    assert Region.around(torch.zeros_like(mask), 0.1) == Region(0, 0, 200, 100)


def test_a_window_sees_what_the_image_sees():
    region = Region(9, 13, 40, 33)
    whole, part = target(), target(region)
    for name in ("depth", "masks", "surface", "free", "background", "sigma"):
        assert torch.equal(getattr(part, name)[..., 1:-1, 1:-1], region.cut(getattr(whole, name))[..., 1:-1, 1:-1]), (
            name
        )
    point = torch.tensor([[0.01, 0.02, 0.5]])
    pixel, _ = whole.camera.project(point)
    shifted, _ = part.camera.project(point)
    torch.testing.assert_close(pixel - shifted, torch.tensor([[9.0, 13.0]]))


def test_halving_keeps_averages_and_the_camera():
    full = target()
    half = full.halved(NOISE)
    assert half.depth.shape == (32, 32)
    torch.testing.assert_close(half.color.mean((0, 1)), full.color.mean((0, 1)))
    torch.testing.assert_close(half.masks.mean((1, 2)), full.masks.mean((1, 2)))
    point = torch.tensor([[0.01, 0.02, 0.5]])
    pixel, half_pixel = full.camera.project(point)[0], half.camera.project(point)[0]
    torch.testing.assert_close(half_pixel, (pixel + 0.5) / 2 - 0.5)


def test_halved_depth_does_not_mix_surfaces():
    full = target()
    depth = full.depth.clone()
    depth[0, 0], depth[1, 1], depth[10:12, 10:12] = 0.0, 9.0, 0.0
    half = full.replace(depth=depth).halved(NOISE)
    blocks = depth[:64, :64].unfold(0, 2, 2).unfold(1, 2, 2).flatten(2)
    known = half.depth > 0
    assert ((blocks - half.depth[..., None]).abs().amin(-1)[known] < 0.01).all()
    assert half.depth[0, 0] < 1
    assert half.depth[5, 5] == 0
    assert (half.surface[:, 5, 5] == 0).all()


def test_surface_leaves_out_borders_and_steps():
    full = target()
    assert (full.surface <= full.masks).all()
    for mask, surface in zip(full.masks, full.surface, strict=True):
        rows, columns = surface.nonzero().T
        for row_step in (-1, 0, 1):
            for column_step in (-1, 0, 1):
                assert mask[rows + row_step, columns + column_step].all()
    far = full.depth.where(full.surface[1] > 0, torch.nan)
    assert float(far[~far.isnan()].amin()) > 0.46  # Of the far sphere, nothing that the near one's depth could touch.


def test_small_objects_keep_their_pixels():
    scene = two_spheres(size=64)
    observation = scene.observation()
    assert observation.masks is not None
    masks = torch.zeros_like(observation.masks)
    masks[:, 30:32, 30:32] = True
    full = full_target(observation, Region(0, 0, 64, 64), masks, masks & False, None, NOISE, 1.0)
    assert full.surface.sum() == 8


def test_odd_sizes_lose_their_last_row_or_column():
    half = target(Region(0, 0, 63, 41)).halved(NOISE)
    assert half.depth.shape == (20, 31)
    assert (half.camera.height, half.camera.width) == (20, 31)
