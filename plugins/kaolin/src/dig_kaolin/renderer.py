"""NVIDIA Kaolin as a renderer of dig_framework."""

from __future__ import annotations

import functools

from dig_framework.camera import Camera
from dig_framework.interfaces.shaded_renderer import LayeredRenderer
from dig_framework.render import Render
from dig_framework.scene import Scene
from dig_kaolin.library import check_device, library
from dig_kaolin.nearest_faces import nearest_faces


class KaolinRenderer(LayeredRenderer):
    """Draw what Kaolin's rasteriser finds on a CUDA device, shaded and composed as the framework's renderers do.

    Kaolin tells which face every pixel centre sees and where in it, and has the gradient of that. Silhouettes are
    averaged over pixels by their distance, which is measured here: the soft mask of Kaolin's DIB-R (Chen et al.,
    NeurIPS 2019) lies outside of objects only, so it makes them larger and does not know what hides them.

    The scene stays on the CPU; only the triangles of each object go to the device, and what is found comes back. What
    is hidden has zero gradient. Lines where surfaces pass through each other, through the plane, or where an object
    hides a part of itself are hard and their place has no gradient. Faces seen from behind and faces that reach behind
    `near` are not drawn. Sums of gradients depend on the order of threads.
    """

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera.

        Raises:
            ComponentError: If Kaolin is not there, or CUDA is not.
        """
        from dig_framework.layering.draw import Look, draw_layers

        rasterize = library()
        check_device(DEVICE)
        ask = functools.partial(nearest_faces, rasterize=rasterize, device=DEVICE)
        look = Look(self.softness, self.near, self.shading == "flat", self.reflectance, self.background)
        return draw_layers(scene, camera, look, ask)


DEVICE = "cuda"
"""Where Kaolin's rasterisers run."""
