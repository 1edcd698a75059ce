"""Pairs of a surface and a pixel of which it covers a part."""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class Fragments:
    """What is seen of each object as if it were alone."""

    pixel: Int[Tensor, "fragments"]
    """Row-major index in the image."""
    face: Int[Tensor, "fragments"]
    """Face that is seen, or the number of faces for the plane."""
    owner: Int[Tensor, "fragments"]
    """Position of its object, or the number of objects for the plane."""
    place: Float[Tensor, "fragments 2"]
    """Where it is seen (u, v): the pixel's centre, or the nearest point of the outline [px]."""
    weights: Float[Tensor, "fragments 3"]
    """Of the face's corners there, as they are in space; differentiable."""
    cover: Float[Tensor, "fragments"]
    """Share of the pixel that is covered, in [0, 1]; differentiable."""
    center: Bool[Tensor, "fragments"]
    """Whether it is seen from the pixel's centre."""

    def __getitem__(self, chosen: Tensor) -> Fragments:
        """Return some of the fragments."""
        return Fragments(*(getattr(self, field.name)[chosen] for field in dataclasses.fields(self)))

    @classmethod
    def joined(cls, parts: list[Fragments]) -> Fragments:
        """Return the fragments of all parts; at least one."""
        return cls(*(torch.cat([getattr(part, field.name) for part in parts]) for field in dataclasses.fields(cls)))
