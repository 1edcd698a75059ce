"""What Mitsuba finds along rays without compiling anything: as images of a camera."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dig_mitsuba.pinhole import pinhole, seen_from_camera
from dig_mitsuba.seen import Hits
from dig_mitsuba.surfaces import Surfaces
from dig_mitsuba.tracer import hits_of, loaded

# Threads share the image by blocks, each with random numbers of its own: of a fixed size they do not depend on threads.
_BLOCK = 32
_FAR = 1e3
"""Distance of lights that come from a direction [m]; shadows do not tell."""


class FilmTracer:
    """Traces one ray a pixel at a time, in the variant `scalar_rgb`."""

    def __init__(self, mi: ModuleType, surfaces: Surfaces, near: float) -> None:
        self._mi, self._surfaces, self._near = mi, surfaces, near
        self._seen = seen_from_camera(surfaces.camera.intrinsics.numpy())
        integrator = {
            "type": "aov", "aovs": "shape:shape_index,face:prim_index,corners:uv", "block_size": _BLOCK,
            "light": {"type": "direct", "emitter_samples": 1, "bsdf_samples": 0},
        }  # fmt: skip
        light = {"type": "point", "position": [0.0, 0.0, 0.0], "intensity": {"type": "rgb", "value": 1.0}}
        self._kinds, self._scene = loaded(mi, surfaces, light=light, integrator=integrator)

    def hits(
        self, pixels: Float[Tensor, "samples height width 2"], sources: Float[Tensor, "samples lights 7"] | None
    ) -> Hits:
        """Return what rays meet that pass at the same place of every pixel."""
        offsets = pixels[:, 0, 0].tolist()
        images = [self._image(offset) for offset in offsets]
        lit = None
        if sources is not None:
            pairs = zip(offsets, sources, strict=True)
            rows = [[self._lit(offset, row) for row in group] for offset, group in pairs]
            lit = torch.tensor(np.array(rows).reshape(*sources.shape[:2], *images[0].shape[:2])).movedim(1, 0)
        image = np.stack(images)
        # The numbers of shapes count from one, and zero is nothing.
        shape, face = image[..., 3].round() - 1, image[..., 4].round()
        return hits_of(self._kinds, shape, face, np.moveaxis(image[..., 5:7], -1, 0), lit)

    def _lit(self, offset: list[float], row: Float[Tensor, "7"]) -> Bool[np.ndarray, "height width"]:
        place = self._seen @ row[:3].numpy()
        if not float(row[6]):
            place *= _FAR / np.linalg.norm(place)
        held = self._mi.traverse(self._scene)
        held["light.position"] = place.tolist()
        held.update()
        return self._image(offset)[..., 0] > 0

    def _image(self, offset: list[float]) -> np.ndarray:
        sampler: dict[str, Any] = {"type": "multijitter", "jitter": False, "sample_count": 1}
        sensor = pinhole(self._mi, self._surfaces.camera, (offset[0], offset[1]), self._near, sampler)
        return np.array(self._mi.render(self._scene, sensor=sensor, spp=1, seed=0))
