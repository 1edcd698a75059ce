"""Bad input is refused by name and value, or has a defined result."""

import inspect
import subprocess
import sys

import pytest
import torch
from meshes import CONTEXT, pixel_positions, triangles

import dig_framework.raster as dr
from dig_framework.errors import InputError

SIZE = (4, 4)
POS = pixel_positions([(0, 0), (4, 0), (0, 4)], SIZE, torch.float32)
TRI = triangles((0, 1, 2))
RAST, SLOPES = dr.rasterize(CONTEXT, POS, TRI, SIZE)
COLOR = torch.ones(1, 4, 4, 3)
TEX, UV = torch.ones(1, 4, 4, 3), torch.zeros(1, 2, 2, 2)

# The tests' own shape checks would come first.
rasterize, interpolate, antialias, texture = (
    inspect.unwrap(function) for function in (dr.rasterize, dr.interpolate, dr.antialias, dr.texture)
)


def with_value(tensor, value):
    tensor = tensor.clone()
    tensor.view(-1)[5] = value
    return tensor


RASTERIZE = [
    ((CONTEXT, with_value(POS, float("nan")), TRI, SIZE), r"pos\[0, 1, 1\] is nan"),
    ((CONTEXT, with_value(POS, float("inf")), TRI, SIZE), r"pos\[0, 1, 1\] is inf"),
    ((CONTEXT, with_value(POS.double(), 1e200), TRI, SIZE), r"pos holds 1e\+200"),
    ((CONTEXT, POS.half(), TRI, SIZE), "dtype torch.float16; use float32 or float64"),
    ((CONTEXT, POS[..., :3], TRI, SIZE), r"shape \[images, vertices, 4\] or \[vertices, 4\]; it has \[1, 3, 3\]"),
    ((CONTEXT, POS.to("meta"), TRI, SIZE), "on meta; these primitives work on the CPU"),
    ((CONTEXT, POS, TRI.long(), SIZE), "tri has dtype torch.int64; use int32"),
    ((CONTEXT, POS, TRI[:, :2], SIZE), r"tri must have shape \[triangles, 3\]"),
    ((CONTEXT, POS, TRI + 1, SIZE), "tri names vertex 3, but there are 3 vertices"),
    ((CONTEXT, POS, TRI - 1, SIZE), "tri names vertex -1"),
    ((CONTEXT, POS, TRI, (0, 4)), "both sides must be 1 to"),
    ((CONTEXT, POS, TRI, (4, -1)), "both sides must be 1 to"),
    ((CONTEXT, POS, TRI, (4.0, 4.0)), r"resolution is"),
    ((CONTEXT, POS, TRI, 4), r"resolution is \(height, width\)"),
    ((CONTEXT, POS, TRI, (4, 4, 4)), r"resolution is \(height, width\)"),
    ((CONTEXT, POS[0], TRI, SIZE), "needs ranges"),
    ((CONTEXT, POS, TRI, SIZE, torch.tensor([[0, 1]], dtype=torch.int32)), "ranges go with pos of shape"),
    ((CONTEXT, POS[0], TRI, SIZE, torch.tensor([[0, 2]], dtype=torch.int32)), r"ranges\[0\] = \[0, 2\].*1 triangles"),
    ((CONTEXT, POS[0], TRI, SIZE, torch.tensor([[-1, 1]], dtype=torch.int32)), "does not fit"),
    ((CONTEXT, POS[0], TRI, SIZE, torch.tensor([[0, 1]])), "ranges has dtype torch.int64"),
]


@pytest.mark.parametrize(("arguments", "message"), RASTERIZE)
def test_rasterize_refuses(arguments, message):
    with pytest.raises(InputError, match=message):
        rasterize(*arguments)


OTHERS = [
    (interpolate, (COLOR[0, 0, :2], RAST, TRI), {}, "tri names vertex 2"),
    (interpolate, (torch.ones(2, 3, 1), RAST, TRI), {}, "attr must have shape"),
    (interpolate, (torch.ones(3, 1).double(), RAST, TRI), {}, "rast is torch.float32 but attr is torch.float64"),
    (interpolate, (torch.ones(3, 1), with_value(RAST, float("nan")), TRI), {}, "rast.* is nan"),
    (interpolate, (torch.ones(3, 1), RAST, TRI, None, "all"), {}, "diff_attrs needs rast_db"),
    (interpolate, (torch.ones(3, 1), RAST, TRI, SLOPES, "some"), {}, "'all' or a list"),
    (interpolate, (torch.ones(3, 1), RAST, TRI, SLOPES, [0] * 33), {}, "lists 33 attributes"),
    (antialias, (COLOR[:, :3], RAST, POS, TRI), {}, r"rast must have shape \[1, 3, 4, 4\]"),
    (antialias, (COLOR, RAST, POS.expand(2, -1, -1), TRI), {}, "pos must have shape"),
    (antialias, (COLOR, RAST, POS, TRI), {"pos_gradient_boost": float("nan")}, "must be a finite number"),
    (texture, (TEX, UV), {"filter_mode": "cubic"}, "choose from 'auto', 'nearest'"),
    (texture, (TEX, UV), {"boundary_mode": "mirror"}, "choose from 'wrap'"),
    (texture, (TEX, UV), {"filter_mode": "linear-mipmap-linear"}, "needs uv_da or mip_level_bias"),
    (texture, (TEX, UV), {"boundary_mode": "cube"}, r"tex must have shape \[sets, 6, side, side, channels\]"),
    (texture, (TEX[:, :0], UV), {}, "has no texels"),
    (texture, (TEX.expand(3, -1, -1, -1), UV), {}, "3 textures for 1 images"),
    (texture, (TEX, UV, UV), {}, r"uv_da must have shape \[1, 2, 2, 4\]"),
    (texture, (TEX, UV, None, UV[..., 0], [TEX]), {}, r"mip\[0\] must have shape \[1, 2, 2, 3\]"),
    (texture, (TEX, UV, None, UV[..., 0]), {"max_mip_level": -1}, "whole number from 0"),
    (texture, (TEX, with_value(UV, float("inf"))), {}, "uv.* is inf"),
    (texture, (TEX, UV, None, UV[..., 0], dr.texture_construct_mip(TEX)), {"max_mip_level": -1}, "whole number from 0"),
]


@pytest.mark.parametrize(("function", "arguments", "options", "message"), OTHERS)
def test_the_others_refuse(function, arguments, options, message):
    with pytest.raises(InputError, match=message):
        function(*arguments, **options)


def test_a_hash_of_other_triangles_is_refused():
    known = dr.antialias_construct_topology_hash(triangles((0, 2, 1)))
    with pytest.raises(InputError, match="made from other triangles"):
        dr.antialias(COLOR, RAST, POS, TRI, topology_hash=known)


def test_another_device_is_refused():
    with pytest.raises(InputError, match="on the CPU, not on 'cuda'"):
        dr.RasterizeContext("cuda")
    assert dr.RasterizeCudaContext("cuda").device.type == "cpu"
    with pytest.raises(InputError, match="mode"):
        dr.RasterizeGLContext(mode="sometimes")


@pytest.mark.parametrize("w", [0.0, -1.0])
def test_what_is_not_in_front_is_not_drawn(w):
    pos = POS.clone()
    pos[..., 3] = w
    pos.requires_grad_()
    rast, slopes = dr.rasterize(CONTEXT, pos, TRI, SIZE)
    assert not rast.any()
    (gradient,) = torch.autograd.grad(rast.sum() + slopes.sum(), pos)
    assert not gradient.any()


def test_degenerate_triangles_are_not_drawn_and_duplicates_once():
    pos = pixel_positions([(0, 0), (4, 0), (0, 4), (2, 2)], SIZE)
    rast, _ = dr.rasterize(CONTEXT, pos, triangles((0, 0, 1), (1, 1, 1), (1, 3, 2), (0, 1, 2), (0, 1, 2)), SIZE)
    assert set(rast[..., 3].flatten().tolist()) == {0.0, 4.0}


def test_a_triangle_that_only_snapping_gives_an_area_has_equal_weights():
    """Three corners on a line, which snapping bends over a centre."""
    points = [(0.2, 0.2), (7.77, 3.1), (0.2 + 0.31 * 7.57, 0.2 + 0.31 * 2.9)]
    pos = pixel_positions(points, (32, 32)).requires_grad_()
    rast, slopes = dr.rasterize(CONTEXT, pos, TRI, (32, 32))
    (gradient,) = torch.autograd.grad(rast.sum() + slopes.sum(), pos)
    assert rast.isfinite().all()
    assert slopes.isfinite().all()
    assert gradient.isfinite().all()


def test_changes_in_place_before_the_backward_pass_are_noticed():
    pos = POS.clone().requires_grad_()
    rast, _ = dr.rasterize(CONTEXT, pos, TRI, SIZE)
    with torch.no_grad():
        pos += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        rast.sum().backward()


def test_log_levels():
    assert dr.get_log_level() == 1
    dr.set_log_level(0)
    assert dr.get_log_level() == 0
    dr.set_log_level(1)
    with pytest.raises(InputError, match="not 4"):
        dr.set_log_level(4)


WRONG_TYPES = """
import numpy, torch
import dig_framework.raster as dr
from dig_framework.errors import InputError

context, pos, tri = dr.RasterizeContext(), torch.rand(1, 3, 4), torch.tensor([[0, 1, 2]], dtype=torch.int32)
rast, slopes = dr.rasterize(context, pos, tri, (4, 4))
for call in (
    lambda: dr.rasterize(None, pos, tri, (4, 4)),
    lambda: dr.rasterize(context, pos.numpy(), tri, (4, 4)),
    lambda: dr.rasterize(context, pos, [[0, 1, 2]], (4, 4)),
    lambda: dr.rasterize(context, pos, tri, (4.0, 4.0)),
    lambda: dr.rasterize(context, pos, tri, (4, 4), grad_db=1),
    lambda: dr.interpolate(pos, rast, tri, slopes, [0.5]),
    lambda: dr.texture(pos[..., None], None),
    lambda: dr.antialias(rast, rast, pos, tri, topology_hash=3),
    lambda: dr.antialias_construct_topology_hash(tri.numpy()),
    lambda: dr.set_log_level("loud"),
):
    try:
        call()
    except InputError as error:
        print(error)
"""


def test_wrong_types_are_refused_by_name():
    """In a process of its own, where no type checker comes first."""
    shown = subprocess.run([sys.executable, "-c", WRONG_TYPES], check=True, capture_output=True, text=True).stdout
    wanted = [
        "the first argument is a RasterizeContext, not NoneType",
        "pos must be a torch tensor, not ndarray",
        "tri must be a torch tensor, not list",
        "resolution is (height, width) [px], not (4.0, 4.0)",
        "grad_db is True or False, not 1",
        "a list of whole numbers, not [0.5]",
        "uv must be a torch tensor, not NoneType",
        "comes from antialias_construct_topology_hash(tri)",
        "tri must be a torch tensor, not ndarray",
        "not 'loud'",
    ]
    lines = shown.splitlines()
    assert len(lines) == len(wanted)
    assert all(text in line for text, line in zip(wanted, lines, strict=True))


def test_importing_the_package_loads_neither_torch_nor_numba():
    code = "import sys, dig_framework.raster; assert not {'torch', 'numba'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("value", [1e20, -1e20, 3e38])
@pytest.mark.parametrize("boundary", ["wrap", "clamp", "zero"])
def test_textures_far_beyond_their_borders_are_defined(value, boundary):
    texels = torch.rand(1, 8, 8, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    place = torch.full((1, 1, 1, 2), value).requires_grad_()
    seen = texture(texels, place, boundary_mode=boundary)
    seen.sum().backward()
    assert float(seen.detach().min()) >= 0
    assert float(seen.detach().max()) <= 1
    assert torch.isfinite(texels.grad).all()
    assert torch.isfinite(place.grad).all()


def test_ids_overwritten_behind_autograds_back_have_no_gradient():
    pos = POS.clone().requires_grad_()
    rast, _ = rasterize(CONTEXT, pos, TRI, SIZE)
    rast.detach().numpy()[..., 3] = 1e6
    rast[..., :2].sum().backward()
    assert not pos.grad.any()


WRONG_OBJECTS = """
import torch
import dig_framework.raster as dr
from dig_framework.errors import InputError

context, tri = dr.RasterizeContext(), torch.tensor([[0, 1, 2]], dtype=torch.int32)
pos = torch.tensor([[[-1.0, -1, 0, 1], [1, -1, 0, 1], [-1, 1, 0, 1]]])
rast, slopes = dr.rasterize(context, pos, tri, (4, 4))
color, attr, tex, uv = torch.ones(1, 4, 4, 3), torch.ones(3, 1), torch.ones(1, 4, 4, 3), torch.zeros(1, 2, 2, 2)
for call, message in (
    (lambda: dr.rasterize(context, None, tri, (4, 4)), "pos must be a torch tensor, not NoneType"),
    (lambda: dr.interpolate(None, rast, tri), "attr must be a torch tensor, not NoneType"),
    (lambda: dr.interpolate(attr, rast, tri, slopes, 1), "list of whole numbers, not 1"),
    (lambda: dr.interpolate(attr, rast, tri, slopes, [[0], [0, 1]]), "list of whole numbers, not"),
    (lambda: dr.antialias(None, rast, pos, tri), "color must be a torch tensor, not NoneType"),
    (lambda: dr.antialias(color, rast, pos, tri, pos_gradient_boost="a"), "'a'; it must be a finite number"),
    (lambda: dr.texture(None, uv), "tex must be a torch tensor, not NoneType"),
    (lambda: dr.texture(tex, None), "uv must be a torch tensor, not NoneType"),
    (lambda: dr.texture(tex, uv, None, uv[..., 0], mip=5), "list of tensors, not int"),
):
    try:
        call()
    except InputError as error:
        assert message in str(error), (message, str(error))
    else:
        raise AssertionError(message)
print("all refused")
"""


def test_wrong_types_are_refused_where_nothing_checks_annotations():
    command = [sys.executable, "-c", WRONG_OBJECTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "all refused\n", done.stderr
