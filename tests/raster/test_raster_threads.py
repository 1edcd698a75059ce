import numba
import torch
from meshes import CONTEXT, random_scene

import dig_framework.raster as dr


def everything(dtype: torch.dtype) -> list[torch.Tensor]:
    """Return all outputs and gradients of one pass through all primitives."""
    scene = random_scene(7, 40, (50, 70))
    generator = torch.Generator().manual_seed(0)
    uv = torch.rand(scene.pos.shape[1], 2, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()
    tex = torch.rand(1, 16, 16, 3, generator=generator, dtype=torch.float64).to(dtype).requires_grad_()
    pos = scene.pos.to(dtype).requires_grad_()
    rast, slopes = dr.rasterize(CONTEXT, pos, scene.tri, scene.size)
    coordinates, coordinate_slopes = dr.interpolate(uv, rast, scene.tri, slopes, "all")
    color = dr.texture(tex, coordinates, coordinate_slopes)
    out = dr.antialias(color, rast, pos, scene.tri)
    gradients = torch.autograd.grad(out.square().sum(), (pos, uv, tex))
    return [rast, slopes, coordinates, color, out, *gradients]


def test_one_and_two_threads_give_the_same_bits(dtype):
    threads, results = numba.get_num_threads(), []
    for count in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(count)
        results.append(everything(dtype))
    numba.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    assert all(tensor.isfinite().all() for tensor in results[0])
