"""Whatever comes in: finite results or an `InputError`. `DIG_FUZZ_CASES=10000` looks longer than CI does."""

import os

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meshes import CONTEXT

import dig_framework.raster as dr
from dig_framework.errors import InputError

CASES = int(os.environ.get("DIG_FUZZ_CASES", "60"))
COORDINATES = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.0, 1e-38, -1e-30, 1e-7, 1e6, 1e18, -1e30, float("nan"), float("inf")]),
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.integers(-16, 16).map(lambda k: k / 8),
)


@st.composite
def cases(draw):
    vertices, faces = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    kind = draw(st.sampled_from([torch.float32, torch.float64]))
    plain = draw(st.integers(0, 3)) > 0
    values = st.floats(-2, 2) if plain else COORDINATES
    pos = torch.tensor(draw(st.lists(values, min_size=4 * vertices, max_size=4 * vertices)), dtype=kind).reshape(-1, 4)
    if plain and draw(st.booleans()):
        pos[:, 3] = pos[:, 3].abs() + 0.5
    index = st.integers(0, max(vertices - 1, 0)) if plain else st.integers(-1, vertices)
    tri = torch.tensor(draw(st.lists(index, min_size=3 * faces, max_size=3 * faces)), dtype=torch.int32).reshape(-1, 3)
    size = (draw(st.integers(0 if not plain else 1, 20)), draw(st.integers(1, 20)))
    return pos, tri, size, draw(st.booleans()), draw(st.integers(0, 2**31))


def run(pos, tri, size, in_ranges, seed):
    """Return all outputs and gradients of a pass through all primitives."""
    ranges = torch.tensor([[0, len(tri)], [0, len(tri) // 2]], dtype=torch.int32) if in_ranges else None
    leaf = (pos if in_ranges else pos[None]).clone().requires_grad_()
    rast, slopes = dr.rasterize(CONTEXT, leaf, tri, size, ranges=ranges)
    generator = torch.Generator().manual_seed(seed)
    attr = torch.randn(len(pos), 2, generator=generator).to(pos.dtype).requires_grad_()
    tex = torch.randn(1, 4, 4, 2, generator=generator).to(pos.dtype).requires_grad_()
    uv, uv_slopes = dr.interpolate(attr, rast, tri, slopes, "all")
    boundary = ("wrap", "clamp", "zero")[seed % 3]
    color = dr.texture(tex, uv, uv_slopes.clamp(-1e3, 1e3), boundary_mode=boundary)
    out = dr.antialias(color, rast, leaf, tri)
    gradients = torch.autograd.grad(out.sum() + uv_slopes.clamp(-1e3, 1e3).sum(), (leaf, attr, tex))
    return [rast, uv, color, out], gradients


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_no_input_gives_a_crash_or_a_silent_nan(case):
    pos, tri, size, in_ranges, seed = case
    fine = bool(pos.isfinite().all()) and min(size) > 0 and (tri.numel() == 0 or 0 <= tri.min() <= tri.max() < len(pos))
    try:
        outputs, gradients = run(pos, tri, size, in_ranges, seed)
    except InputError:
        assert not fine
        return
    assert fine
    assert all(output.isfinite().all() for output in outputs)
    assert not any(gradient.isnan().any() for gradient in gradients)
    rast = outputs[0]
    assert ((rast[..., :2] >= 0) & (rast[..., :2] <= 1)).all()
    assert (rast[..., 0] + rast[..., 1] <= 1 + 1e-6).all()
    assert (rast[..., 2].abs() <= 1).all()
    assert ((rast[..., 3] >= 0) & (rast[..., 3] <= len(tri))).all()
