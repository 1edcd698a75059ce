"""Path-traced colour: materials that conserve energy, shadows, and light that bounces."""

from __future__ import annotations

import dataclasses
import math
from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.shading.light_table import LightTable
from dig_framework.shading.model import ShadingName
from dig_mitsuba.pinhole import pinhole, seen_from_camera
from dig_mitsuba.shapes import mesh_shape, plane_shape
from dig_mitsuba.surfaces import Surfaces

_BLOCK = 32
"""Threads share the image by blocks with random numbers of their own; of a fixed size they do not depend on threads."""
_BRIGHTEST_COAT = 0.5
"""Largest mirror reflectance of a clear coat; a metal's highlight is beyond it."""


_MOST_LEANING = 0.8
"""Least cosine between a face and the normals of its corners in a mesh that is shown smooth."""


@dataclasses.dataclass(frozen=True)
class Paths:
    """How light is followed."""

    reflectance: ShadingName
    """How to read a material's numbers."""
    bounces: int
    """How many surfaces light meets at most."""
    samples: int
    """Paths a pixel."""
    light_radius: float
    """[m]"""
    seed: int
    near: float
    """Nearest depth that is seen [m]."""


def unlit(surfaces: Surfaces) -> Surfaces:
    """Return the same surfaces without any light."""
    lights = surfaces.lights
    return dataclasses.replace(surfaces, lights=LightTable(lights.sources[:0], torch.zeros_like(lights.ambient)))


def path_traced(mi: ModuleType, surfaces: Surfaces, paths: Paths) -> Float[Tensor, "height width 3"]:
    """Return the radiance that arrives at the camera from surfaces; zero where nothing is seen.

    Args:
        mi: The library, with a variant chosen.
        surfaces: The scene, with lights that are points or directions.
        paths: How light is followed.
    """
    share = _ambient_share(surfaces)
    scene = mi.load_dict({
        "type": "scene", **_shapes(mi, surfaces, paths.reflectance), **_lights(surfaces, share, paths.light_radius),
        "integrator": {
            "type": "path", "max_depth": paths.bounces + 1, "rr_depth": 100, "hide_emitters": True, "block_size": _BLOCK
        },
    }, optimize=False)  # fmt: skip
    sampler = {"type": "independent", "sample_count": paths.samples}
    sensor = pinhole(mi, surfaces.camera, (0.0, 0.0), paths.near, sampler)
    image = mi.render(scene, sensor=sensor, spp=paths.samples, seed=paths.seed)
    return torch.from_numpy(np.array(image)[..., :3].astype(np.float64))


def _shapes(mi: ModuleType, surfaces: Surfaces, reflectance: ShadingName) -> dict[str, Any]:
    numbers = range(surfaces.objects)
    shapes = {f"object{number}": _object(mi, surfaces, number, reflectance) for number in numbers
              if bool((surfaces.face_object == number).any())}  # fmt: skip
    if surfaces.has_plane:
        own = surfaces.materials[-1]
        shapes["plane"] = plane_shape(mi, surfaces, _bsdf(own, _rgb(_albedo(own).tolist()), reflectance))
    return shapes


def _object(mi: ModuleType, surfaces: Surfaces, number: int, reflectance: ShadingName) -> Any:
    seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
    used, corners = np.unique(surfaces.faces[surfaces.face_object == number].numpy(), return_inverse=True)
    faces = corners.reshape(-1, 3)
    vertices = surfaces.vertices[used].numpy() @ seen.T
    normals = np.linalg.solve(seen.T, surfaces.normals[used].numpy().T).T
    albedo, image = _albedo(surfaces.materials[number]), surfaces.textures[number]
    body: dict[str, Any] = {"type": "mesh_attribute", "name": "vertex_color"}
    if image is not None:
        texels = (image.clamp(0, 1) * albedo).numpy().astype(np.float32)
        body = {"type": "bitmap", "bitmap": mi.Bitmap(texels), "raw": True, "wrap_mode": "repeat"}
    return mesh_shape(
        mi, vertices, faces,
        bsdf=_bsdf(surfaces.materials[number], body, reflectance),
        colors=(surfaces.colors[used].clamp(0, 1) * albedo).numpy() if image is None else None,
        normals=normals if _is_smooth(vertices, normals, faces) else None,
        uv=None if image is None else surfaces.uv[used].numpy(),
    )  # fmt: skip


def _is_smooth(
    vertices: Float[np.ndarray, "vertices 3"],
    normals: Float[np.ndarray, "vertices 3"],
    faces: Int[np.ndarray, "faces 3"],
) -> bool:
    """Return whether no normal leans so far from a face that the face would seem to be turned away from its light."""
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    lengths = np.linalg.norm(across, axis=1)[:, None] * np.linalg.norm(normals, axis=1)[faces]
    return bool((np.einsum("fi,fki->fk", across, normals[faces]) >= _MOST_LEANING * lengths).all())


def _albedo(row: Float[Tensor, "7"]) -> Float[Tensor, "3"]:
    """Return the share of light that the body of a surface scatters: that of a facing surface in Phong's formula."""
    return (row[:3].clamp(0, 1) * (row[3] + row[4]).clamp(0, 1)).clamp(0, 1)


def _bsdf(row: Float[Tensor, "7"], body: dict[str, Any], reflectance: ShadingName) -> dict[str, Any]:
    """Return a matte body, under a rough clear coat if the material has a highlight.

    The coat's roughness a is a^2 = 2 / (shininess + 2) (Walter et al., EGSR 2007). Its mirror reflectance is such that
    the peak of its highlight, s / (4 a^2), is Phong's, unless `microfacet` says that it is the material's number.
    """
    specular, shininess = float(row[5].clamp_min(0)), float(row[6].clamp_min(0))
    mirror = {"lambert": 0.0, "microfacet": specular, "phong": 8 * specular / (shininess + 2)}[reflectance]
    mirror = min(mirror, _BRIGHTEST_COAT)
    if mirror <= 0:
        return {"type": "twosided", "body": {"type": "diffuse", "reflectance": body}}
    index, roughness = (1 + math.sqrt(mirror)) / (1 - math.sqrt(mirror)), math.sqrt(2 / (shininess + 2))
    # Mitsuba's own roughness is the square root of a.
    coat = {"type": "principled", "base_color": body, "eta": index, "roughness": math.sqrt(roughness)}
    return {"type": "twosided", "body": coat}


def _ambient_share(surfaces: Surfaces) -> float:
    """Return how much of the light comes from everywhere: the mean of what the materials say."""
    rows = surfaces.materials if surfaces.plane_shown else surfaces.materials[:-1]
    ambient, diffuse = rows[:, 3].clamp_min(0), rows[:, 4].clamp_min(0)
    told = ambient + diffuse > 0
    return float((ambient[told] / (ambient + diffuse)[told]).mean()) if told.any() else 0.0


def _lights(surfaces: Surfaces, share: float, radius: float) -> dict[str, Any]:
    """Return emitters that are as bright as those of Phong's formula where the objects are.

    A white matte surface there that faces a light of intensity one shows about one.
    """
    seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
    sources = surfaces.lights.sources
    found: dict[str, Any] = {}
    for number, row in enumerate(sources):
        place, power = (seen @ row[:3].numpy()).tolist(), (math.pi * (1 - share) * row[3:6].clamp_min(0)).tolist()
        if not float(row[6]):
            found[f"light{number}"] = {
                "type": "directional", "direction": [-part for part in place], "irradiance": _rgb(power)
            }  # fmt: skip
            continue
        squared = _reach(surfaces, row[:3]) ** 2
        if radius > 0:
            glow = {"type": "area", "radiance": _rgb([squared * part / (math.pi * radius**2) for part in power])}
            found[f"light{number}"] = {"type": "sphere", "center": place, "radius": radius, "emitter": glow}
        else:
            found[f"light{number}"] = {
                "type": "point", "position": place, "intensity": _rgb([squared * part for part in power])
            }  # fmt: skip
    around = share * sources[:, 3:6].clamp_min(0).sum(0)
    if bool(around.any()):
        found["around"] = {"type": "constant", "radiance": _rgb(around.tolist())}
    return found


def _rgb(value: list[float]) -> dict[str, Any]:
    return {"type": "rgb", "value": value}


def _reach(surfaces: Surfaces, light: Float[Tensor, "3"]) -> float:
    """Return how far a light is from the objects or, without any, from the camera's foot on the plane [m].

    The mean is that of squares, so that a light amid its objects has a reach, too.
    """
    points = surfaces.vertices
    if len(points) == 0:
        points = -(surfaces.plane[3] * surfaces.plane[:3])[None]
    return float((points - light).square().sum(-1).mean().sqrt())
