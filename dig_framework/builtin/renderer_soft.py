"""A soft rasteriser in plain torch."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from dig_framework.camera import Camera
from dig_framework.interfaces.renderer import Renderer
from dig_framework.render import Render
from dig_framework.rendering.scene_tensors import SceneTensors, scene_tensors
from dig_framework.scene import Scene
from dig_framework.shading.phong import phong_radiance
from dig_framework.shading.surface_points import surface_points

_FULL = 1 - 1e-3
"""A pixel of which this share is covered counts as full, so that rounding uncovers nothing of what is behind."""


@dataclasses.dataclass(frozen=True)
class _Fragments:
    """Pairs of a face and a pixel in which it may be seen, and one of the plane and each pixel; by pixel and depth."""

    face: Int[Tensor, "fragments"]
    """Face, or the number of faces for the plane."""
    pixel: Int[Tensor, "fragments"]
    """Row-major pixel index."""
    weights: Float[Tensor, "fragments 3"]
    """Perspective-correct weights of the face's corners."""
    depth: Float[Tensor, "fragments"]
    """Distance along the optical axis [m]."""
    share: Float[Tensor, "fragments"]
    """Share of the pixel in which it is seen."""


class SoftRenderer(Renderer):
    """Blend triangles softly in plain torch; slow, for small images, comparisons and as a second opinion.

    After Liu et al., "Soft Rasterizer" (ICCV 2019), with two changes that keep silhouettes in place. A triangle covers
    a sample by a smooth step of the signed distance to the nearest of its sides, so that neighbours add up to one; and
    nearest first, each takes what is left of the sample. Faces seen from behind, and faces that reach behind `near`,
    are not drawn.

    Gradients flow to all of the scene's tensors, but none are claimed to be right: a soft side is caught by few
    samples, and small triangles count twice along a silhouette. Sums of gradients depend on the order of threads.
    """

    differentiable: ClassVar[frozenset[str]] = frozenset()
    deterministic: ClassVar[bool] = False
    mask_error: ClassVar[float] = 0.09

    softness: float = Field(
        default=0.3, gt=0, description="Half width of the step across a triangle's side [px of a sample]"
    )
    samples: int = Field(default=2, ge=1, description="Samples along either side of a pixel, averaged")
    background: tuple[float, float, float] = Field(
        default=(1.0, 1.0, 1.0), description="Linear RGB where nothing is hit, or a plane without material"
    )
    near: float = Field(default=0.001, gt=0, description="Nearest depth that is drawn [m]")

    def render(self, scene: Scene, camera: Camera) -> Render:
        """Return the images of a scene, in the dtype of the vertices; differentiable in the scene and the camera."""
        fine = camera.scaled(float(self.samples))
        tensors = scene_tensors(scene, fine, flat=False)
        found = self._fragments(tensors, fine, scene.plane is not None)
        color, depth, masks = self._composed(scene, fine, tensors, found)
        with torch.no_grad():
            centers = self._ids(scene, camera)
        shrink = torch.nn.AvgPool2d(self.samples)
        return Render(
            shrink(color.movedim(-1, 0)[None])[0].movedim(0, -1),
            shrink(depth[None, None])[0, 0],
            shrink(masks[None])[0] if len(masks) else masks.new_zeros(0, camera.height, camera.width),
            centers,
        )

    def _ids(self, scene: Scene, camera: Camera) -> Int[Tensor, "height width"]:
        """Return what takes most of each pixel without any supersampling."""
        tensors = scene_tensors(scene, camera, flat=False)
        found = self._fragments(tensors, camera, scene.plane is not None)
        owner = _owners(scene)[found.face]
        total = torch.zeros(camera.height * camera.width, len(scene.objects) + 2, dtype=found.share.dtype)
        # The last column is the plane's; nothing gets what is left.
        total.index_put_((found.pixel, owner), found.share, accumulate=True)
        total = torch.cat([total[:, :-2], total[:, -1:], 1 - total.sum(1, keepdim=True)], 1)
        names = torch.tensor([*range(len(scene.objects)), -1, -2])
        return names[total.argmax(1)].view(camera.height, camera.width)

    def _fragments(self, tensors: SceneTensors, camera: Camera, has_plane: bool) -> _Fragments:
        face, pixel = self._candidates(tensors, camera)
        point = torch.stack([pixel % camera.width, pixel // camera.width, torch.ones_like(pixel)], -1)
        corners = tensors.vertices[tensors.faces[face]]
        point = point.to(corners)
        normals = torch.linalg.cross(corners[:, [1, 2, 0]], corners[:, [2, 0, 1]], dim=-1)
        # Faces seen from outside have a negative determinant; distances are positive inside.
        edge = -(normals * point[:, None]).sum(-1)
        distance = edge / normals[..., :2].square().sum(-1).clamp_min(1e-24).sqrt()
        step = (0.5 + 0.5 * distance.amin(1) / self.softness).clamp(0, 1)
        cover = step * step * (3 - 2 * step)
        inside = edge.clamp_min(0)
        weights = inside / inside.sum(1, keepdim=True).clamp_min(1e-24)
        depth = (weights * corners[..., 2]).sum(1)
        return _taken(face, pixel, weights, depth, cover, tensors, camera, has_plane)

    def _candidates(self, tensors: SceneTensors, camera: Camera) -> tuple[Tensor, Tensor]:
        """Return faces and pixels such that the pixel is in the face's window, widened by the softness."""
        with torch.no_grad():
            corners = tensors.vertices[tensors.faces]
            a, b, c = corners.unbind(1)
            front = (torch.linalg.cross(a, b, dim=-1) * c).sum(-1) < 0
            drawn = (front & (corners[..., 2] > self.near).all(1) & corners.isfinite().all(2).all(1)).nonzero()[:, 0]
            places = corners[drawn, :, :2] / corners[drawn, :, 2:]
            limit = places.new_tensor([camera.width, camera.height])
            low = (places.amin(1) - self.softness).clamp(-limit * 0, limit).ceil().long()
            high = (places.amax(1) + self.softness).clamp(-limit * 0 - 1, limit - 1).floor().long()
            size = (high - low + 1).clamp_min(0)
            count = size.prod(1)
            entry = torch.repeat_interleave(count)
            place = torch.arange(len(entry)) - (count.cumsum(0) - count)[entry]
            column, row = place % size[entry, 0], place // size[entry, 0]
            pixel = (low[entry, 1] + row) * camera.width + low[entry, 0] + column
            return drawn[entry], pixel

    def _composed(
        self, scene: Scene, camera: Camera, tensors: SceneTensors, found: _Fragments
    ) -> tuple[Tensor, Tensor, Tensor]:
        height, width, count = camera.height, camera.width, len(scene.objects)
        owner = _owners(scene)[found.face]
        radiance = _radiance(camera, tensors, found, owner)
        if scene.plane is not None and scene.plane.material is None:
            plain = radiance.new_tensor(self.background)
            radiance = torch.where((owner > count)[:, None], plain, radiance)
        share = found.share[:, None]
        empty = radiance.new_zeros(height * width, 3)
        color = empty.index_add(0, found.pixel, share * radiance)
        covered = empty[:, 0].index_add(0, found.pixel, found.share)
        color = color + (1 - covered)[:, None] * radiance.new_tensor(self.background)
        depth = empty[:, 0].index_add(0, found.pixel, found.share * found.depth)
        masks = radiance.new_zeros(count + 2, height * width).index_put(
            (owner, found.pixel), found.share, accumulate=True
        )
        return color.view(height, width, 3), depth.view(height, width), masks[:count].view(count, height, width)


def _owners(scene: Scene) -> Int[Tensor, "faces_and_plane"]:
    """Return the object of each face, and at the end the number of objects plus one for the plane."""
    sizes = torch.tensor([len(item.mesh.faces) for item in scene.objects] + [1])
    names = torch.tensor([*range(len(scene.objects)), len(scene.objects) + 1])
    return names.repeat_interleave(sizes)


def _taken(
    face: Tensor,
    pixel: Tensor,
    weights: Tensor,
    depth: Tensor,
    cover: Tensor,
    tensors: SceneTensors,
    camera: Camera,
    has_plane: bool,
) -> _Fragments:
    """Add the plane, sort by pixel and depth, and let each fragment take what nearer ones have left."""
    if has_plane:
        v, u = torch.meshgrid(torch.arange(camera.height), torch.arange(camera.width), indexing="ij")
        points = torch.stack([u, v, torch.ones_like(u)], -1).reshape(-1, 3).to(tensors.plane)
        inverse = points @ tensors.plane
        seen = inverse > 0
        pixel = torch.cat([pixel, seen.nonzero()[:, 0]])
        face = torch.cat([face, torch.full((int(seen.sum()),), len(tensors.faces))])
        weights = torch.cat([weights, weights.new_full((int(seen.sum()), 3), 1 / 3)])
        depth, cover = torch.cat([depth, 1 / inverse[seen]]), torch.cat([cover, torch.ones_like(inverse[seen])])
    order = depth.detach().argsort(stable=True)
    order = order[pixel[order].argsort(stable=True)]
    face, pixel, weights, depth, cover = face[order], pixel[order], weights[order], depth[order], cover[order]
    # Sums over all pixels are long, so they are made in float64.
    total = cover.double().cumsum(0)
    count = torch.bincount(pixel, minlength=camera.height * camera.width)
    first = (count.cumsum(0) - count)[pixel]
    before = torch.cat([total.new_zeros(1), total])[first]
    after = ((total - before) / _FULL).clamp(max=1)
    share = after - ((total - cover.double() - before) / _FULL).clamp(0, 1)
    return _Fragments(face, pixel, weights, depth, share.to(depth.dtype))


def _radiance(camera: Camera, tensors: SceneTensors, found: _Fragments, owner: Tensor) -> Float[Tensor, "fragments 3"]:
    """Return the colour of every fragment, lit in the camera's frame."""
    rays = camera.rays().to(found.depth).reshape(-1, 3)
    points = rays[found.pixel] * found.depth[:, None]
    # The plane has no corners; it borrows a row of its own at the end of each table.
    normals = torch.cat([tensors.normals, tensors.plane_normal[None]])
    colors = torch.cat([tensors.colors, torch.ones_like(tensors.plane_normal)[None]])
    own = torch.full((1, 3), len(tensors.vertices))
    corners = torch.cat([tensors.faces, own])[found.face]
    normal = (found.weights[..., None] * normals[corners]).sum(1)
    reflectance = (found.weights[..., None] * colors[corners]).sum(1)
    rows = tensors.materials[owner.clamp(max=len(tensors.materials) - 1)]
    return phong_radiance(surface_points(points, normal, reflectance, rows), tensors.light_table())
