"""Upright mirror planes under which an object's visible surface contradicts the image least."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from dig_framework.completion.free_space import FreeSpace, Score, score_transforms
from dig_framework.completion.isometry import mirrors, upright_normals

Array = NDArray[np.floating]


@dataclasses.dataclass(frozen=True)
class Credit:
    """How much each place where a mirrored point can land speaks for a symmetry; on the visible surface counts 1."""

    behind: float
    hidden: float
    violation: float

    def total(self, score: Score) -> Array:
        """Return one number a transform, at most 1."""
        return (
            score.overlap + self.behind * score.behind + self.hidden * score.hidden - self.violation * score.violation
        )


@dataclasses.dataclass(frozen=True)
class MirrorPlane:
    """The upright plane cos(yaw) x + sin(yaw) y = offset and how well it explains the image."""

    yaw: float
    offset: float
    score: float
    violation: float
    """Mean contradiction of mirrored points with image and table, 1 for 10 mm."""

    def transform(self) -> Array:
        """Return the reflection as a 3 x 4 transform of the upright frame."""
        return mirrors(upright_normals(np.array([self.yaw])), np.array([self.offset]))[0]


@dataclasses.dataclass(frozen=True)
class MirrorSearch:
    """Scores mirror planes for a sample of visible points."""

    space: FreeSpace
    points: Array
    """Visible points in the upright frame [m], shape (n, 3)."""
    credit: Credit

    def shares(self, yaws: Array, offsets: Array) -> Score:
        """Return where the mirrored points of planes (k,) land."""
        return score_transforms(self.space, self.points, mirrors(upright_normals(yaws), offsets))

    def best(self, count: int, yaws: Array | None = None) -> list[MirrorPlane]:
        """Return the `count` best distinct planes, best first; among the given yaws only, if there are any."""
        yaw, offset = self._grid(np.arange(36) * np.pi / 36 if yaws is None else yaws)
        left = self.credit.total(self.shares(yaw, offset))
        planes = []
        for _ in range(count):
            k = int(left.argmax())
            if not np.isfinite(left[k]):
                break
            planes.append(self._refined(yaw[k], offset[k], fixed=yaws is not None))
            turn = (yaw - yaw[k] + np.pi / 2) % np.pi - np.pi / 2
            side = np.where(np.cos(yaw - yaw[k]) < 0, -1, 1)
            left[(np.abs(turn) < 0.3) & (np.abs(offset * side - offset[k]) < 0.008)] = -np.inf
        return sorted(planes, key=lambda plane: -plane.score)

    def _grid(self, yaws: Array, margin: float = 0.3, steps: int = 45) -> tuple[Array, Array]:
        """Return yaws and offsets of planes from `margin` extents before the visible points to as much behind."""
        along = self.points @ upright_normals(yaws).T
        low, high = along.min(0), along.max(0)
        offset = np.linspace(low - margin * (high - low), high + margin * (high - low), steps)
        return np.broadcast_to(yaws, offset.shape).ravel(), offset.ravel()

    def _refined(self, yaw: float, offset: float, fixed: bool) -> MirrorPlane:
        """Return the best plane near a given one, by two finer grids around it."""
        best = MirrorPlane(yaw, offset, -np.inf, np.inf)
        for turn, shift in ((0.06, 0.004), (0.02, 0.0015)):
            turns = np.zeros(1) if fixed else np.linspace(-turn, turn, 7)
            yaws, offsets = np.meshgrid(yaw + turns, offset + np.linspace(-shift, shift, 7))
            shares = self.shares(yaws.ravel(), offsets.ravel())
            score = self.credit.total(shares)
            k = int(score.argmax())
            yaw, offset = float(yaws.flat[k]), float(offsets.flat[k])
            best = MirrorPlane(yaw, offset, float(score[k]), float(shares.violation[k]))
        return best


@dataclasses.dataclass(frozen=True)
class HiddenExtentPrior:
    """What is believed of an extent that ends behind an occluder, before looking."""

    growth: float = 0.1
    """Cost of each factor e that is added; twice the temperature, as where the border of an occluder is random."""
    aspect: float = 0.1
    """Cost of the squared log of the aspect ratio."""
    longest: float = 1.8
    """Largest believed ratio of whole to visible extent."""
    overlap: float = 0.25
    """Least share of mirrored points on the visible surface."""
    temperature: float = 0.05
    """Difference of score that makes a plane e times less likely."""


def hidden_end(search: MirrorSearch, all_points: Array, yaw: float, prior: HiddenExtentPrior) -> MirrorPlane | None:
    """Return the plane at the posterior median of the completed extent, or None if no end is hidden by an occluder.

    Where an occluder hides one end of an object, every plane further towards it explains the image as well. The
    extent's posterior from score and prior is broad, and its median makes the least expected error.
    """
    along = search.points @ upright_normals(np.array([yaw]))[0]
    low, high = np.quantile(along, [0.003, 0.997])
    extent = high - low
    offset = np.linspace(low - 0.03 * extent, high + 0.03 * extent, max(40, int(1060 * extent)))
    shares = search.shares(np.full(len(offset), yaw), offset)
    whole = np.maximum(extent, 2 * np.maximum(high - offset, offset - low))
    across = np.ptp(np.quantile(all_points @ upright_normals(np.array([yaw + np.pi / 2]))[0], [0.003, 0.997]))
    score = search.credit.total(shares)
    posterior = score - prior.growth * np.log(whole / extent) - prior.aspect * np.log(whole / max(across, 1e-3)) ** 2
    impossible = (shares.overlap < prior.overlap) | (whole > prior.longest * extent)
    if impossible.all():
        return None
    weight = np.where(impossible, 0, np.exp((posterior - posterior[~impossible].max()) / prior.temperature))
    side = offset > (low + high) / 2
    side = side if weight[side].sum() > weight[~side].sum() else ~side
    chosen = np.nonzero(side)[0][np.argsort(whole[side])]
    total = np.cumsum(weight[chosen])
    k = chosen[np.searchsorted(total, total[-1] / 2)]
    if shares.hidden[k] < 0.15:
        return None
    return MirrorPlane(yaw, float(offset[k]), float(score[k]), float(shares.violation[k]))
