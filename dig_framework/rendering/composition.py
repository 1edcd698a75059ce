"""Images from values at samples: pixel centres, corrected by the pieces of silhouettes, in plain torch."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dig_framework.rendering.geometry import NOTHING, PLANE
from dig_framework.rendering.piece_ends import FIXED
from dig_framework.rendering.piece_tensors import edge_shares, hidden_areas, piece_ends
from dig_framework.rendering.scene_tensors import SceneTensors
from dig_framework.rendering.seen import Frame, Seen
from dig_framework.rendering.surface_samples import center_weights


@dataclasses.dataclass(frozen=True)
class Samples:
    """Where values are needed, and how they make up the image."""

    face: Int[Tensor, "samples"]
    """What is seen: a face, or the number of faces for the plane."""
    owner: Int[Tensor, "samples"]
    """Row of its material."""
    pixels: Float[Tensor, "samples 2"]
    """Where [px]."""
    weights: Float[Tensor, "samples 3"]
    """Of the face's corners; they follow the vertices but on edges."""
    center: Int[Tensor, "centers"]
    """Row-major pixel index of each of the first samples, which are pixel centres."""
    inside: Int[Tensor, "pieces"]
    """Sample on the inner side of each piece; the number of samples stands for the background."""
    outside: Int[Tensor, "pieces"]
    """Sample on its outer side."""
    area: Float[Tensor, "pieces"]
    """By how much the inner side's part of the pixel differs from what its centre tells [px^2]; differentiable."""
    blend: Float[Tensor, "pieces"]
    """The same, as it is for pieces between which what is seen differs: its derivative is that of each piece alone."""
    piece_pixel: Int[Tensor, "pieces"]
    """Row-major pixel index."""


def samples_of(seen: Seen, frame: Frame, tensors: SceneTensors) -> Samples:
    """Return where values are needed; weights and areas are differentiable in the vertices."""
    vertices, faces = tensors.vertices, tensors.faces
    ids = torch.from_numpy(seen.visible.seen).reshape(-1).long()
    center = (ids > NOTHING).nonzero()[:, 0]
    rows = torch.full((len(ids),), -1)
    rows[center] = torch.arange(len(center))
    pieces = _Pieces.of(seen, vertices)
    ends = piece_ends(vertices, seen, frame)
    middle = (ends[:, :2] + ends[:, 2:]) / 2
    edge_weights = pieces.edge_weights(vertices, faces, middle)
    middle, area = middle.to(vertices), pieces.area(seen, vertices, faces)
    before = rows[pieces.pixel]
    new_inside = ~(pieces.matched & pieces.center_inside)
    new_outside = ~(pieces.matched & ~pieces.center_inside) & (pieces.outside > NOTHING)
    pixels = torch.stack([center % frame.width, center // frame.width], 1).to(vertices)
    moving = _face_or_plane(torch.cat([ids[center], pieces.outside[new_outside]]), len(faces))
    at = torch.cat([pixels, middle[new_outside]])
    face = torch.cat([moving, pieces.inside[new_inside]])
    total = len(face)
    inside, outside = before.clone(), before.clone()
    outside[~(pieces.matched & ~pieces.center_inside)] = total
    outside[new_outside] = len(center) + torch.arange(int(new_outside.sum()))
    inside[new_inside] = len(moving) + torch.arange(int(new_inside.sum()))
    return Samples(
        face=face,
        owner=_owners(frame)[face],
        pixels=torch.cat([at, middle[new_inside]]),
        weights=torch.cat([center_weights(vertices, faces, moving, at), edge_weights[new_inside]]),
        center=center,
        inside=inside,
        outside=outside.where(outside >= 0, total),
        area=area,
        blend=pieces.blend(ends, area, frame.width),
        piece_pixel=pieces.pixel,
    )


@dataclasses.dataclass(frozen=True)
class _Pieces:
    """The fields of `Pieces` as tensors."""

    pixel: Tensor
    inside: Tensor
    corner: Tensor
    outside: Tensor
    center_inside: Tensor
    matched: Tensor
    numbers: Tensor
    codes: Tensor

    @classmethod
    def of(cls, seen: Seen, like: Tensor) -> _Pieces:
        if seen.pieces is None:
            empty, flags = (torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.bool))
            return cls(empty, empty, empty, empty, flags, flags, like.new_zeros(0, 13), empty.view(0, 1))
        parts = {name: torch.from_numpy(np.ascontiguousarray(part)) for name, part in seen.pieces._asdict().items()}
        return cls(**{**parts, "numbers": parts["numbers"].to(like)})

    @property
    def middle(self) -> Tensor:
        return self.numbers[:, :2]

    def edge_weights(self, vertices: Tensor, faces: Tensor, middle: Tensor) -> Tensor:
        """Return weights of the inner face's corners, zero at the corner opposite the edge."""
        first = edge_shares(vertices, self.ends(faces), middle).to(vertices)[:, None]
        order = (torch.arange(3) - self.corner[:, None]) % 3
        return torch.cat([torch.zeros_like(first), first, 1 - first], 1).gather(1, order)

    def ends(self, faces: Tensor) -> list[Tensor]:
        """Return both vertices of each edge."""
        corners = faces[self.inside]
        return [corners.gather(1, (self.corner[:, None] + step) % 3)[:, 0] for step in (1, 2)]

    def area(self, seen: Seen, vertices: Tensor, faces: Tensor) -> Tensor:
        """Return the signed area, whose derivative is that of the part of the pixel on the inner side of the edge."""
        ends = [vertices[end] for end in self.ends(faces)]
        middle = torch.cat([self.middle, torch.ones_like(self.numbers[:, :1])], 1)
        edge = (torch.linalg.cross(*ends, dim=-1) * middle).sum(-1)
        sign = torch.from_numpy(seen.visible.setup[:, 14]).to(vertices)[self.inside]
        hidden = self.numbers[:, 2]
        change = self.numbers[:, 3] * sign * (edge - edge.detach())
        return torch.where(self.center_inside, -hidden, hidden) + change

    def blend(self, ends: Tensor, area: Tensor, width: int) -> Tensor:
        """Return the signed area, whose derivative is that of what the piece between two ends hides from the centre.

        Where it is not known what the ends follow, it is the area that is given.
        """
        centers = torch.stack([self.pixel % width, self.pixel // width], 1).to(ends)
        followed = (self.codes != FIXED).all(1) & (self.numbers[:, 2] > 0)
        hidden = hidden_areas(ends - centers.repeat(1, 2)).to(area)
        return torch.where(followed, torch.where(self.center_inside, -hidden, hidden), area)


def _face_or_plane(ids: Tensor, count: int) -> Tensor:
    return ids.where(ids != PLANE, count)


def _owners(frame: Frame) -> Tensor:
    return torch.from_numpy(np.append(frame.face_object, frame.objects))


def composed(
    samples: Samples, values: Float[Tensor, "samples channels"], background: Float[Tensor, "channels"], frame: Frame
) -> Float[Tensor, "height width channels"]:
    """Return the average of values over each pixel; differentiable in values, background and areas."""
    known = torch.cat([values, background[None]])
    image = background.repeat(frame.height * frame.width, 1).index_put((samples.center,), values[: len(samples.center)])
    jumps = samples.blend[:, None] * (known[samples.inside] - known[samples.outside])
    return image.index_add(0, samples.piece_pixel, jumps).view(frame.height, frame.width, -1)


def masks_of(samples: Samples, frame: Frame) -> Float[Tensor, "objects height width"]:
    """Return the share of each pixel in which each object is seen; differentiable in areas."""
    owner = torch.cat([samples.owner, samples.owner.new_full((1,), frame.objects)])
    flat = samples.area.new_zeros((frame.objects + 1) * frame.height * frame.width)
    size = frame.height * frame.width
    first = owner[: len(samples.center)] * size + samples.center
    flat = flat.index_put((first,), flat.new_ones(()))
    for side, area in ((samples.inside, samples.area), (samples.outside, -samples.area)):
        flat = flat.index_add(0, owner[side] * size + samples.piece_pixel, area)
    masks = flat.view(-1, frame.height, frame.width)[: frame.objects]
    # Rounding may leave the range by a little; the derivative is that of the sum.
    return masks + (masks.clamp(0, 1) - masks).detach()
