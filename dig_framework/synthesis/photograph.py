"""Images of an arrangement by any renderer, and exact depth and masks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from dig_framework import plugins
from dig_framework.interfaces.renderer import Renderer
from dig_framework.light import Light
from dig_framework.material import Material
from dig_framework.mesh import Mesh
from dig_framework.pose import Pose
from dig_framework.scene import Scene, SceneObject
from dig_framework.synthesis.placed import Placed
from dig_framework.synthesis.room import LAMP_RADIUS, Room
from dig_framework.synthesis.viewpoint import Viewpoint

_PHOTO = {
    "shadows": True,
    "light_radius": LAMP_RADIUS,
    "ambient_reach": 0.35,
    "integrator": "path",
    "bounces": 4,
    "coverage_samples": 1,
}
"""Settings of whichever renderer has them."""
_SAMPLES = {"mitsuba": 32, "embree": 4}
"""Rays a pixel: enough for what a camera's own noise hides."""
_EXACT = {"samples": 1, "silhouettes": "hard", "normals": True}


@dataclasses.dataclass(frozen=True)
class Exact:
    """What is seen through pixel centres."""

    depth: Float[np.ndarray, "height width"]
    """[m]; zero for nothing."""
    owner: Int[np.ndarray, "height width"]
    """Position in the arrangement; -1 for anything else."""
    normals: Float[np.ndarray, "height width 3"]
    """Unit, in the camera's frame; zeros for nothing."""


@dataclasses.dataclass(frozen=True)
class Studio:
    """A renderer, by name, for photographs and for exact images."""

    name: str
    seed: int

    def photograph(self, things: Sequence[Placed], room: Room, view: Viewpoint) -> Float[np.ndarray, "height width 3"]:
        """Return linear RGB radiance."""
        samples = _SAMPLES.get(self.name, 16)
        renderer = self._renderer(
            {**_PHOTO, "samples": samples, "seed": self.seed % 2**24, "background": (0.3, 0.3, 0.3)}
        )
        radiance = renderer.render(drawable(things, room, view), view.camera).color.double().numpy()
        return without_fireflies(radiance) if "bounces" in type(renderer).model_fields else radiance

    def exact(self, things: Sequence[Placed], room: Room | None, view: Viewpoint) -> Exact:
        """Return exact images, of the things alone if there is no room."""
        bare = _without_looks(drawable(things, room, view))
        render = self._renderer(_EXACT).render(bare, view.camera)
        ids = render.ids.numpy()
        depth = np.where(ids >= 0, render.depth.double().numpy(), 0.0)
        normals = np.zeros((*ids.shape, 3)) if render.normals is None else render.normals.double().numpy()
        return Exact(depth, np.where(ids < len(things), ids, -1), normals)

    def silhouette(self, thing: Placed, view: Viewpoint) -> Bool[np.ndarray, "height width"]:
        """Return where a thing is seen if nothing is in front of it."""
        return self.exact([thing], None, view).owner == 0

    def _renderer(self, wanted: dict[str, Any]) -> Renderer:
        chosen = plugins.load("renderer", self.name)
        # Compiled programs of Mitsuba may round in another way from process to process.
        own = {"variant": "scalar"} if self.name == "mitsuba" else {}
        settings = {key: value for key, value in {**wanted, **own}.items() if key in chosen.model_fields}
        renderer = chosen.model_validate(settings)
        assert isinstance(renderer, Renderer)  # For the type checker; `load` has seen to it.
        return renderer


def without_fireflies(radiance: Float[np.ndarray, "height width 3"]) -> Float[np.ndarray, "height width 3"]:
    """Return an image in which single pixels that outshine the median around them twice and by 0.08 have that median.

    Few paths meet a small lamp by chance, and those that do are far too bright.
    """
    import cv2

    around = cv2.medianBlur(radiance.astype(np.float32), 3).astype(np.float64)
    bright, usual = radiance.max(-1), around.max(-1)
    lone = (bright > 2 * usual) & (bright > usual + 0.08)
    return np.where(lone[..., None], around, radiance)


def drawable(things: Sequence[Placed], room: Room | None, view: Viewpoint) -> Scene:
    """Return things, and the room if there is one, as a scene in the frame of the camera."""
    pose = view.camera_from_table
    objects = [
        _item(index, thing.model.name, thing.model.looks, thing.model.material, pose @ thing.table_from_object)
        for index, thing in enumerate(things)
    ]
    if room is None:
        return Scene(tuple(objects))
    first = len(objects)
    objects += [
        _item(first + index, part.name, part.mesh, part.material, pose) for index, part in enumerate(room.furniture)
    ]
    return Scene(tuple(objects), lights_from(room, view))


def _without_looks(scene: Scene) -> Scene:
    """Return a scene in which there is nothing to see but shapes, which takes less time."""
    bare = (item.replace(mesh=item.mesh.replace(uv=None, texture=None, colors=None)) for item in scene.objects)
    return scene.replace(objects=tuple(bare), lights=())


def lights_from(room: Room, view: Viewpoint) -> tuple[Light, ...]:
    """Return the lamps in the frame of the camera."""
    pose = torch.from_numpy(view.camera_from_table).float()
    return tuple(Light(pose[:3, :3] @ lamp.position + pose[:3, 3], lamp.intensity) for lamp in room.lamps)


def _item(
    index: int, name: str, mesh: Mesh, material: Material, camera_from_object: Float[np.ndarray, "4 4"]
) -> SceneObject:
    pose = Pose.from_matrix(torch.from_numpy(camera_from_object)).to(dtype=torch.float32)
    return SceneObject(name, index, mesh, pose, material)
