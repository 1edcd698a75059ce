"""The same images by other libraries, where they are installed: DEODR, and the renderers of plugins."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch

from dig_framework.bench.raster_images import CAMERA, ball_scene, differentiated
from dig_framework.bench.table import Table
from dig_framework.errors import DigError
from dig_framework.interfaces import Renderer
from dig_framework.scene import Scene

_REPEATS = 5
_SLOW = 2.0
"""Above this [s], one run has to do, and nothing larger is tried."""
_RENDERERS = ("raster", "mitsuba", "pytorch3d")


def comparison_table(threads: int) -> Iterator[Table]:
    """Yield one table for a number of threads, which is set already."""
    note = (
        "Fastest of a few runs, forward + backward, in one process; '-' where a library is not installed or has no "
        "gradients on this machine, 'not tried' after one run of over 2 s. raster, Mitsuba and PyTorch3D: colour, "
        "depth and five masks, shaded, gradients "
        "in vertices, poses, colours and the light. DEODR: nine interpolated channels without shading, perspective "
        "correction or table; gradients of vertices and channels; always one thread."
    )
    slow: set[str] = set()
    yield Table(f"Other libraries, threads: {threads}", tuple(_row(k, slow) for k in (2, 3, 4, 5)), note)


def _row(subdivisions: int, slow: set[str]) -> dict[str, str | int | float]:
    """Time every library; one that was `slow` already is not tried with more triangles."""
    scene = ball_scene(subdivisions)
    row: dict[str, str | int | float] = {"triangles": sum(len(item.mesh.faces) for item in scene.objects)}
    for name in _RENDERERS:
        row[f"{name} [ms]"] = _timed_or_absent(name, lambda name=name: _drawing(name, scene), slow)
    row["deodr [ms]"] = _timed_or_absent("deodr", lambda: _deodr(scene), slow)
    return row


def _timed_or_absent(name: str, make: Callable[[], Callable[[], object]], slow: set[str]) -> str:
    """Return the least duration of what is made, or a dash if it cannot be made."""
    if name in slow:
        return "not tried"
    try:
        function = make()
        found = [_duration(function)]
    except (DigError, ImportError):
        return "-"
    if found[0] >= _SLOW:
        slow.add(name)
    else:
        # The first run may have compiled, and does not count.
        found = [_duration(function) for _ in range(_REPEATS)]
    return f"{1e3 * min(found):.1f}"


def _duration(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _drawing(name: str, scene: Scene) -> Callable[[], object]:
    renderer = Renderer.model_validate({"type": name})
    if not {"color", "depth", "masks"} <= renderer.differentiable:
        raise ImportError(f"{name} has no gradients here")
    return lambda: differentiated(renderer, scene)


def _deodr(scene: Scene) -> Callable[[], object]:
    """Return a drawing by DEODR (de La Gorce et al., PAMI 2011) of depth, masks and colours as vertex attributes."""
    from deodr.differentiable_renderer import (  # pyright: ignore[reportMissingImports]
        Camera,
        Scene3D,
    )
    from deodr.triangulated_mesh import ColoredTriMesh  # pyright: ignore[reportMissingImports]

    vertices, faces, channels = _joined(scene)
    camera = Camera(np.eye(3, 4), CAMERA.intrinsics.double().numpy(), CAMERA.height, CAMERA.width)
    drawn = Scene3D()
    drawn.set_light(None, 1.0)
    drawn.set_background_color(np.zeros(channels.shape[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn.set_mesh(ColoredTriMesh(faces, vertices, colors=channels, nb_colors=channels.shape[1], clockwise=False))

    def run() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = drawn.render(camera)
            drawn.clear_gradients()
            drawn.render_backward(np.ones_like(image))

    return run


def _joined(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return vertices, faces, and per vertex colour, depth and one mask an object, of all objects."""
    meshes, first, faces, channels = [item.posed() for item in scene.objects], 0, [], []
    for index, mesh in enumerate(meshes):
        faces.append(mesh.faces.numpy() + first)
        first += len(mesh.vertices)
        one_hot = np.eye(len(meshes))[np.full(len(mesh.vertices), index)]
        channels.append(np.concatenate([np.ones((len(one_hot), 3)), mesh.vertices[:, 2:].numpy(), one_hot], 1))
    vertices = torch.cat([mesh.vertices for mesh in meshes]).double().numpy()
    return vertices, np.concatenate(faces), np.concatenate(channels)
