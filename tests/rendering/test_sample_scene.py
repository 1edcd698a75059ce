"""Preparing the renderer compiles everything that drawing and differentiating needs."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil
import numba
import dig_framework.rendering
from dig_framework.builtin.renderer_raster import RasterRenderer
from dig_framework.testing.scenes import two_spheres

def signatures():
    names = [info.name for info in pkgutil.iter_modules(dig_framework.rendering.__path__)]
    modules = [importlib.import_module("dig_framework.rendering." + name) for name in names]
    kernels = {value for module in modules for value in vars(module).values() if hasattr(value, "signatures")}
    return {kernel.py_func.__qualname__: len(kernel.signatures) for kernel in kernels}

renderer = RasterRenderer()
renderer.prepare()
assert not renderer.needs_preparation()
before = signatures()
truth = two_spheres(33)
leaf = truth.scene.objects[0].mesh.vertices.requires_grad_()
render = renderer.render(truth.scene.with_tensors({"objects.0.mesh.vertices": leaf}), truth.camera)
(render.color.sum() + render.depth.sum() + render.masks.sum()).backward()
after = signatures()
assert sum(after.values()) > 5, after
assert after == before, {name: count for name, count in after.items() if before[name] != count}
"""


def test_nothing_is_left_to_compile():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
