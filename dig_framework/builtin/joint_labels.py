"""One label a pixel for all boxes at once: which box's object it shows, or none."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from dig_framework.builtin.gaussian_mixture import GaussianMixture, fit_mixture
from dig_framework.builtin.grabcut_cues import Cues
from dig_framework.observation import Box

COMPONENTS, BACKGROUND_COMPONENTS = 5, 8
FLOOR = np.array([5.0, 5.0, 5.0, 0.006, 0.006, 0.006])
"""Least standard deviations of Lab colour (8 bits) and position [m] within a Gaussian."""
TEMPER_POSITION, TEMPER_COLOR = 0.5, 0.5
"""Neighbouring pixels are not independent; these shares of the log likelihood count."""
ANCHOR = 0.05
"""Weight of a pixel's own evidence against that of its neighbours while labels spread."""
STEPS = 60
FILLS = 0.8
"""Overlap of a surface's extent with a box from which on it is taken for the whole object."""
LEAST = 20
"""Pixels that a mixture needs."""


@dataclasses.dataclass(frozen=True)
class _Grid:
    """The part of the image that matters, on a coarser grid of its own pixels."""

    rows: Int[np.ndarray, "height"]
    columns: Int[np.ndarray, "width"]
    color: Float[np.ndarray, "height width 3"]
    points: Float[np.ndarray, "height width 3"]
    measured: Bool[np.ndarray, "height width"]
    raised: Bool[np.ndarray, "height width"]
    surfaces: Int[np.ndarray, "height width"]
    inside: Bool[np.ndarray, "height width boxes"]
    """Whether a pixel lies in each box."""
    outside: Bool[np.ndarray, "height width"]
    """Surely no boxed object: beyond every box, or on the plane and connected to the plane beyond."""


def joint_labels(cues: Cues, boxes: tuple[Box, ...], pixels: int, rounds: int) -> Int[np.ndarray, "height width"]:
    """Return which box each pixel belongs to, counted from 1; 0 belongs to none.

    In the manner of GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004), models of each object and of everything else
    (mixtures of Gaussians over colour and position) and labels are found in turn, with the boxes as prior. Labels
    spread over similar neighbours (Zhou et al., NIPS 2004), but hardly across jumps in depth or colour.

    Args:
        cues: Of the image.
        boxes: Around the objects.
        pixels: Size of the grid on which this is done, about.
        rounds: How often models and labels are found in turn.
    """
    grid = _grid(cues, boxes, pixels)
    share, fit, anywhere = _surface_fits(cues, boxes)
    prior = _prior(grid, share, fit, anywhere)
    labels = _first_labels(grid, prior, fit, boxes)
    spread = _Spreading(grid)
    posterior = prior
    for _ in range(rounds):
        posterior = spread.run(_posterior(grid, prior, labels))
        posterior[..., 1:] *= grid.inside
        posterior[grid.outside] = np.eye(prior.shape[2])[0]
        labels = posterior.argmax(2)
    return _enlarged(posterior, grid, cues.measured.shape)


def _grid(cues: Cues, boxes: tuple[Box, ...], pixels: int) -> _Grid:
    import cv2
    from skimage.measure import label

    height, width = cues.measured.shape
    left, top, right, bottom = _region(boxes, width, height)
    factor = min(1.0, (pixels / ((right - left) * (bottom - top))) ** 0.5)
    size = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    columns = left + ((np.arange(size[0]) + 0.5) * (right - left) / size[0]).astype(int)
    rows = top + ((np.arange(size[1]) + 0.5) * (bottom - top) / size[1]).astype(int)
    region = np.ascontiguousarray(cues.color[top:bottom, left:right])
    color = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.float64)
    at = np.ix_(rows, columns)
    corners = np.array([box.xyxy for box in boxes])
    across = (columns[:, None] >= corners[:, 0]) & (columns[:, None] < corners[:, 2])
    along = (rows[:, None] >= corners[:, 1]) & (rows[:, None] < corners[:, 3])
    inside = along[:, None] & across[None]
    anywhere = inside.any(2)
    plane = np.asarray(label(cues.flat[at], connectivity=1))
    beyond = np.isin(plane, np.setdiff1d(plane[~anywhere], 0)) & cues.flat[at]
    return _Grid(
        *(rows, columns, color, cues.points[at].astype(np.float64)),
        *(cues.measured[at], cues.raised[at], cues.surfaces[at], inside, beyond | ~anywhere),
    )


def _region(boxes: tuple[Box, ...], width: int, height: int) -> tuple[int, int, int, int]:
    corners = np.array([box.xyxy for box in boxes])
    reach = 0.35 * (corners[:, 2:] - corners[:, :2])
    low, high = (corners[:, :2] - reach).min(0), (corners[:, 2:] + reach).max(0)
    left, top = (int(value) for value in np.maximum(np.floor(low), 0))
    right, bottom = (int(value) for value in np.minimum(np.ceil(high), [width, height]))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _prior(
    grid: _Grid, share: np.ndarray, fit: np.ndarray, anywhere: np.ndarray
) -> Float[np.ndarray, "height width labels"]:
    claim = grid.inside * ((0.1 + share) * (0.2 + fit))[grid.surfaces]
    claim = claim / claim.max(2, keepdims=True).clip(1e-9)
    # A surface that mostly lies beyond all boxes belongs to something that nobody asked for.
    claim *= np.where(grid.surfaces > 0, np.clip(2 * anywhere, 0.1, 1)[grid.surfaces], 1)[..., None]
    nothing = np.where(grid.raised, 0.15, np.where(grid.measured, 0.6, 0.5))
    prior = np.concatenate([nothing[..., None], claim], 2)
    prior[grid.outside] = np.eye(prior.shape[2])[0]
    prior += 1e-9
    return prior / prior.sum(2, keepdims=True)


def _surface_fits(cues: Cues, boxes: tuple[Box, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return, for each surface, its share in each box, how well its extent fits the box, and its share in any box."""
    from skimage.measure import regionprops

    count = int(cues.surfaces.max()) + 1
    total = np.maximum(np.bincount(cues.surfaces.ravel(), minlength=count), 1)
    extents = np.zeros((count, 4))
    for region in regionprops(cues.surfaces):
        top, left, bottom, right = region.bbox
        extents[region.label] = left, top, right, bottom
    windows = np.zeros((len(boxes), *cues.measured.shape), bool)
    for window, box in zip(windows, boxes, strict=True):
        left, top, right, bottom = (int(np.ceil(value)) for value in box.xyxy)
        window[top:bottom, left:right] = True
    share = np.stack([np.bincount(cues.surfaces[window], minlength=count) / total for window in windows], 1)
    anywhere = np.bincount(cues.surfaces[windows.any(0)], minlength=count) / total
    fit = np.stack([_overlap(extents, np.array(box.xyxy)) for box in boxes], 1)
    fit = np.where(share > 0.5, fit, 0.0)
    share[0], fit[0] = 1.0, 1.0
    return share, fit, anywhere


def _overlap(extents: np.ndarray, box: np.ndarray) -> np.ndarray:
    common = np.clip(np.minimum(extents[:, 2:], box[2:]) - np.maximum(extents[:, :2], box[:2]), 0, None).prod(1)
    return common / ((extents[:, 2:] - extents[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - common)


def _has_own_surface(grid: _Grid, fit: np.ndarray) -> Bool[np.ndarray, "height width"]:
    """Return where all boxes that claim a pixel are filled by one surface each, and the pixel lies on one of these.

    Depth has told the objects apart there. Where things touch, one surface spans them and the test fails.
    """
    fills = fit > FILLS
    fills[0] = False
    alone = fills & (fills.sum(1, keepdims=True) == 1)
    apart = np.all(~grid.inside | alone.any(0), axis=2)
    return apart & (alone[grid.surfaces] & grid.inside).any(2)


def _first_labels(
    grid: _Grid, prior: np.ndarray, fit: np.ndarray, boxes: tuple[Box, ...]
) -> Int[np.ndarray, "height width"]:
    """Return labels where they are clear at once, -1 elsewhere."""
    claims = grid.inside.sum(2)
    best = prior.argmax(2)
    labels = np.where(
        grid.outside, 0, np.where(((claims == 1) | _has_own_surface(grid, fit)) & grid.measured, best, -1)
    )
    v, u = np.meshgrid(grid.rows, grid.columns, indexing="ij")
    for index, box in enumerate(boxes):
        within = grid.inside[..., index] & ~grid.outside
        if (labels == index + 1).sum() >= 0.12 * grid.inside[..., index].sum():
            continue
        # A box within other boxes has nothing of its own; its middle has to do.
        left, top, right, bottom = box.xyxy
        off = np.square((2 * u - left - right) / (right - left)) + np.square((2 * v - top - bottom) / (bottom - top))
        labels[within & (off < 0.6) & ((best != 0) | ~grid.measured)] = index + 1
    return labels


def _posterior(grid: _Grid, prior: np.ndarray, labels: np.ndarray) -> np.ndarray:
    features = np.concatenate([grid.color, grid.points], 2)
    score = np.log(prior)
    for label in range(prior.shape[2]):
        components = COMPONENTS if label else BACKGROUND_COMPONENTS
        for seen, axes, temper in ((grid.measured, 6, TEMPER_POSITION), (~grid.measured, 3, TEMPER_COLOR)):
            own = (labels == label) & (grid.measured if axes == 6 else True)
            if own.sum() >= LEAST and seen.any():
                mixture: GaussianMixture = fit_mixture(features[own][:, :axes], FLOOR[:axes], components)
                score[..., label][seen] += temper * mixture.log_density(features[seen][:, :axes])
            else:
                score[..., label][seen] -= 30 * temper
    score = np.exp(score - score.max(2, keepdims=True))
    score[grid.outside] = np.eye(prior.shape[2])[0]
    return score / score.sum(2, keepdims=True)


class _Spreading:
    """Averages of label maps over neighbours that look alike and lie on one surface."""

    def __init__(self, grid: _Grid) -> None:
        from scipy.sparse import csr_array

        height, width = grid.measured.shape
        index = np.arange(height * width).reshape(height, width)
        tolerance = 0.004 + 0.02 * grid.points[..., 2]
        pairs, colors, jumps = [], [], []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            here = (slice(0, height - down), slice(max(0, -right), width - max(0, right)))
            there = (slice(down, height), slice(max(0, right), width - max(0, -right)))
            both = grid.measured[here] & grid.measured[there]
            jump = (grid.points[here][..., 2] - grid.points[there][..., 2]) / tolerance[here]
            pairs.append(np.stack([index[here].ravel(), index[there].ravel()]))
            colors.append(np.square(grid.color[here] - grid.color[there]).sum(2).ravel())
            jumps.append(np.where(both, np.square(jump), 0).ravel())
        (one, other), color, depth = np.concatenate(pairs, 1), np.concatenate(colors), np.concatenate(jumps)
        typical = float(color.mean()) if color.size else 0.0  # A box of one pixel has no neighbours.
        weight = np.exp(-color / (2 * typical + 1e-9) - 0.5 * np.minimum(depth, 8)) + 1e-4
        rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
        both_ways = np.concatenate([weight, weight])
        total = np.bincount(rows, both_ways, minlength=index.size) + ANCHOR
        shares = (both_ways / total[rows]).astype(np.float32)
        self.neighbours = csr_array((shares, (rows, columns)), shape=(index.size, index.size))
        self.own = (ANCHOR / total)[:, None].astype(np.float32)

    def run(self, maps: np.ndarray) -> np.ndarray:
        """Return maps after they have spread."""
        start = maps.reshape(-1, maps.shape[2]).astype(np.float32)
        current = start
        for _ in range(STEPS):
            current = self.neighbours @ current + self.own * start
        return current.reshape(maps.shape).astype(np.float64)


def _enlarged(posterior: np.ndarray, grid: _Grid, shape: tuple[int, ...]) -> Int[np.ndarray, "height width"]:
    import cv2

    step = (grid.columns[-1] - grid.columns[0]) / max(1, len(grid.columns) - 1)
    v, u = np.indices(shape, np.float32)
    x = ((u - grid.columns[0]) / max(step, 1e-6)).astype(np.float32)
    y = ((v - grid.rows[0]) / max(step, 1e-6)).astype(np.float32)
    best, labels = np.full(shape, -1.0, np.float32), np.zeros(shape, np.int64)
    for label in range(posterior.shape[2]):
        layer = posterior[..., label].astype(np.float32)
        value = np.asarray(cv2.remap(layer, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
        labels[value > best] = label
        best = np.maximum(best, value)
    return labels
