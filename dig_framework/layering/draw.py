"""Images of a scene from layers, one an object, and the plane behind them."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.layering.composition import above_plane, by_pixel, shares
from dig_framework.layering.fragments import Fragments
from dig_framework.layering.layer import object_layer
from dig_framework.layering.rasterizer import Rasterizer
from dig_framework.render import Render
from dig_framework.rendering.scene_tensors import SceneTensors, scene_tensors
from dig_framework.rendering.surface_samples import surface_samples
from dig_framework.scene import Scene
from dig_framework.shading.model import ShadingName, shading_model


@dataclasses.dataclass(frozen=True)
class Look:
    """How a scene is drawn."""

    softness: float = 1.0
    """Half width of the fall of an object's cover across its outline [px]."""
    near: float = 0.001
    """Faces that reach nearer than this depth are left out [m]."""
    flat: bool = False
    """Whether normals are those of faces instead of vertices."""
    reflectance: ShadingName = "phong"
    """How materials reflect light."""
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Linear RGB where nothing is hit, or a plane without material."""


def draw_layers(scene: Scene, camera: Camera, look: Look, rasterize: Rasterizer) -> Render:
    """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera.

    A rasteriser tells what pixel centres see of each object; the rest is here. An object covers pixels at its outline
    in part, by the distance to it, and objects share pixels from near to far; the plane takes what is left. Where
    surfaces pass through each other or through the plane the line is hard, and its place has no gradient.

    Args:
        scene: What is drawn.
        camera: Who sees it.
        look: How.
        rasterize: Is asked once for each object that is in the image.
    """
    tensors = scene_tensors(scene, camera, look.flat)
    objects = _objects(scene, camera, tensors, look, rasterize)
    depth = (objects.weights * tensors.vertices[:, 2][_corners(tensors, objects)]).sum(1)
    kept = above_plane(objects, depth, tensors.plane).nonzero()[:, 0]
    kept = kept[by_pixel(objects[kept], depth[kept])]
    objects = objects[kept]
    share, left = shares(objects, camera.width * camera.height)
    plane = _plane(scene, camera, tensors, left)
    found = Fragments.joined([objects, plane])
    values = _values(scene, camera, tensors, look, found)
    return _images(scene, camera, look, found, torch.cat([share, plane.cover]), values)


def _objects(scene: Scene, camera: Camera, tensors: SceneTensors, look: Look, rasterize: Rasterizer) -> Fragments:
    """Return the fragments of all objects."""
    parts, face, vertex = [_none(tensors)], 0, 0
    for index, item in enumerate(scene.objects):
        faces, vertices = item.mesh.faces, item.mesh.vertices
        own = tensors.vertices[vertex : vertex + len(vertices)]
        size = (camera.width, camera.height)
        layer = object_layer(own, faces, look.near, look.softness, size, rasterize)
        if layer is not None:
            parts.append(dataclasses.replace(layer, face=layer.face + face, owner=layer.owner + index))
        face, vertex = face + len(faces), vertex + len(vertices)
    return Fragments.joined(parts)


def _none(tensors: SceneTensors) -> Fragments:
    index, number = tensors.faces.new_zeros(0), tensors.vertices.new_zeros(0)
    return Fragments(index, index, index, number.view(0, 2), number.view(0, 3), number, index.bool())


def _corners(tensors: SceneTensors, found: Fragments) -> Int[Tensor, "fragments 3"]:
    return tensors.faces[found.face]


def _plane(scene: Scene, camera: Camera, tensors: SceneTensors, left: Float[Tensor, "pixels"]) -> Fragments:
    """Return the plane where objects leave something of a pixel, or its centre, to it."""
    pixel = torch.arange(camera.width * camera.height)
    place = torch.stack([pixel % camera.width, pixel // camera.width], 1).to(tensors.plane)
    with torch.no_grad():
        met = place @ tensors.plane[:2] + tensors.plane[2] > 0
        shown = (met & (left > 0)).nonzero()[:, 0]
    count = len(shown)
    face, owner = (torch.full((count,), number) for number in (len(tensors.faces), len(scene.objects)))
    weights = place.new_full((count, 3), 1 / 3)
    return Fragments(shown, face, owner, place[shown], weights, left[shown], torch.ones(count, dtype=torch.bool))


def _values(
    scene: Scene, camera: Camera, tensors: SceneTensors, look: Look, found: Fragments
) -> Float[Tensor, "fragments 4"]:
    """Return colour and depth of each fragment."""
    rays = torch.linalg.inv(camera.intrinsics.to(tensors.vertices))
    seen = surface_samples(tensors, found.face, found.owner, found.place, found.weights, rays)
    color = shading_model(look.reflectance)(seen.surface, tensors.light_table())
    if scene.plane is None or scene.plane.material is None:
        color = color.where((found.owner < len(scene.objects))[:, None], color.new_tensor(look.background))
    return torch.cat([color, seen.depth[:, None]], 1)


def _images(
    scene: Scene,
    camera: Camera,
    look: Look,
    found: Fragments,
    share: Float[Tensor, "fragments"],
    values: Float[Tensor, "fragments 4"],
) -> Render:
    pixels, count, shape = camera.width * camera.height, len(scene.objects), (camera.height, camera.width)
    empty = values.new_zeros(pixels, 4)
    image = empty.index_add(0, found.pixel, share[:, None] * values)
    free = 1 - empty[:, 0].index_add(0, found.pixel, share)
    color = image[:, :3] + free[:, None] * values.new_tensor(look.background)
    masks = values.new_zeros(count + 1, pixels).index_put((found.owner, found.pixel), share, accumulate=True)
    return Render(
        color.view(*shape, 3), image[:, 3].view(shape), masks[:count].view(count, *shape), _ids(found, count, shape)
    )


def _ids(found: Fragments, count: int, shape: tuple[int, int]) -> Int[Tensor, "height width"]:
    """Return the first of the fragments that each pixel's centre sees; they are in order, the plane last."""
    ids = torch.full((shape[0] * shape[1],), -2)
    seen = found.center.nonzero()[:, 0].flip(0)
    owner = found.owner[seen]
    # Fragments of the plane come last, so that turned around they are written first and what is before them over them.
    for part in (owner == count, owner < count):
        ids = _first_written(ids, found.pixel[seen[part]], torch.where(owner[part] < count, owner[part], -1))
    return ids.view(shape)


def _first_written(ids: Tensor, pixel: Tensor, owner: Tensor) -> Tensor:
    """Return the ids with owners in place; of several for one pixel, which follow each other, the last counts."""
    last = torch.ones_like(pixel, dtype=torch.bool)
    last[:-1] = pixel[1:] != pixel[:-1]
    return ids.index_put((pixel[last],), owner[last])
