"""What the documentation promises."""

import re
from pathlib import Path

import torch

import dig_framework.raster as dr

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "raster.md").read_text()


def test_the_migration_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    names = {}
    exec(code, names)
    assert names["image"].shape == (1, 64, 64, 3)
    gradient = names["pos"].grad
    assert gradient.isfinite().all()
    assert gradient[..., :2].any()


def test_a_position_can_be_fitted():
    """A square slides to where another one is: the silhouettes are all that tells."""
    context = dr.RasterizeContext()
    corners = torch.tensor([[-0.4, -0.4, 0, 1], [0.4, -0.4, 0, 1], [0.4, 0.4, 0, 1], [-0.4, 0.4, 0, 1]])
    tri = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)

    def mask(shift):
        pos = (corners + torch.cat([shift, torch.zeros(2)]))[None]
        rast, _ = dr.rasterize(context, pos, tri, (32, 32))
        return dr.antialias((rast[..., 3:] > 0).float(), rast, pos, tri)

    truth = torch.tensor([0.237, -0.151])
    wanted = mask(truth).detach()
    shift = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.Adam([shift], 0.02)
    for _ in range(80):
        optimizer.zero_grad()
        (mask(shift) - wanted).square().mean().backward()
        optimizer.step()
    assert (shift - truth).abs().max() < 0.01
