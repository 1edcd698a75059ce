"""Whatever a scene holds: finite images and gradients, or an `InputError`. `DIG_FUZZ_CASES=10000` looks longer."""

import os

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_scenes import random_scene

from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.camera import Camera
from dig_framework.errors import InputError

CASES = int(os.environ.get("DIG_FUZZ_CASES", "40"))
VALUES = (0.0, -1.0, 1e-30, 1e-7, 1.0, 50.0, 1e6, -1e12, 1e30, float("nan"), float("inf"))
SHAPES = ((), (0,), (1,), (2,), (3,), (4,), (0, 3), (1, 3), (7, 3), (7, 2), (9, 3), (3, 3), (4, 4, 4), (2, 2, 3))
KINDS = (torch.float32, torch.float64, torch.float16, torch.int64, torch.uint8, torch.bool)
LOOKS = ({}, {"shading": "flat"}, {"silhouettes": "hard"}, {"shadows": True}, {"reflectance": "microfacet"})


@st.composite
def changes(draw):
    """Return how some tensors of a scene are changed: a value put somewhere in it, or another shape or dtype."""
    name, how = draw(st.integers(0, 10**6)), draw(st.integers(0, 5))
    if how == 0:
        return name, "shape", draw(st.sampled_from(SHAPES))
    if how == 1:
        return name, "kind", draw(st.sampled_from(KINDS))
    return name, "value", (draw(st.integers(0, 10**6)), draw(st.sampled_from(VALUES)))


WORDS = st.tuples(st.integers(0, 50), st.integers(0, 3), st.booleans(), st.booleans())
"""Of `random_scene`: seed, objects, of which the third has a texture, colours and plane."""


def changed(tensor, what, value):
    if what == "shape":
        return torch.ones(value, dtype=tensor.dtype)
    if what == "kind":
        return tensor.to(value)
    tensor, (place, number) = tensor.clone(), value
    if tensor.is_floating_point() and tensor.numel():
        tensor.view(-1)[place % tensor.numel()] = number
    elif tensor.numel():
        tensor.view(-1)[place % tensor.numel()] = place % 200 - 1
    return tensor


def put(record, name, tensor):
    """Put a tensor into a record past the checks of annotations that tests make."""
    *path, last = name.split(".")
    for step in path:
        record = record[int(step)] if step.isdigit() else getattr(record, step)
    object.__setattr__(record, last, tensor)


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORDS, st.lists(changes(), max_size=3), st.sampled_from(LOOKS), st.integers(1, 40))
def test_no_scene_gives_a_crash_or_a_silent_nan(words, wrong, look, width):
    scene = random_scene(*words)
    for number, what, value in wrong:
        names = list(scene.tensors())
        name = names[number % len(names)]
        put(scene, name, changed(scene.tensors()[name], what, value))
    leaves = {name: value for name, value in scene.tensors().items() if value.is_floating_point()}
    for name, value in leaves.items():
        put(scene, name, value.detach().clone().requires_grad_())
    camera = Camera.from_focal(30.0, 30.0, width / 2, 9.0, width, 18)
    try:
        render = RasterRenderer(**look).render(scene, camera)
    except InputError:
        assert wrong
        return
    images = (render.color, render.depth, render.masks)
    assert all(bool(image.isfinite().all()) for image in images)
    total = torch.stack([image.sum() for image in images]).sum()
    leaves = [scene.tensors()[name] for name in leaves]
    gradients = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)
