"""How well images agree: masks, colours and depth."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from dig_framework.metrics.sample_checks import check_same_shape

Mask = Bool[np.ndarray, "height width"]
ColorImage = Float[np.ndarray, "height width 3"]
DepthImage = Float[np.ndarray, "height width"]

PSNR_LIMIT = 100.0
"""What equal images score [dB]; finite, so that means stay so."""


def mask_iou(first: Mask, second: Mask) -> float:
    """Return intersection over union; one if both are empty."""
    union = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / union) if union else 1.0


def boundary_fscore(first: Mask, second: Mask, reach: int = 2) -> float:
    """Return the harmonic mean of the shares of each outline within `reach` [px] of the other; one if both are empty.

    After Perazzi et al., CVPR 2016, Sec. 4.2; an outline holds the pixels of a mask with a neighbour outside.
    """
    from scipy.ndimage import distance_transform_edt

    outlines = [_outline(first), _outline(second)]
    if not outlines[0].any() or not outlines[1].any():
        return float(outlines[0].any() == outlines[1].any())
    near = [np.asarray(distance_transform_edt(~item)) <= reach for item in outlines]
    precision, recall = float(near[1][outlines[0]].mean()), float(near[0][outlines[1]].mean())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def psnr(first: ColorImage, second: ColorImage, region: Mask | None = None) -> float:
    """Return the peak signal-to-noise ratio of images in [0, 1], in a region if one is given [dB]; at most 100.

    Raises:
        InputError: If the images differ in shape, or a value is not finite.
    """
    check_same_shape(first, second)
    difference = first - second if region is None else first[region] - second[region]
    error = float(np.mean(np.square(difference, dtype=np.float64))) if difference.size else 0.0
    return float(min(PSNR_LIMIT, -10 * np.log10(error))) if error > 0 else PSNR_LIMIT


def ssim(first: ColorImage, second: ColorImage) -> float:
    """Return the mean structural similarity of images in [0, 1] (Wang et al. 2004, Eq. 13, Gaussian of 1.5 px).

    Images smaller than the window of 11 pixels are compared as one window.

    Raises:
        InputError: If the images differ in shape, or a value is not finite.
    """
    from skimage.metrics import structural_similarity

    check_same_shape(first, second)
    if min(first.shape[:2]) < 11:
        return _one_window(first, second)
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(np.mean(np.asarray(structural_similarity(first, second, channel_axis=-1, data_range=1.0, **window))))


def in_box(image: np.ndarray, xyxy: tuple[float, float, float, float]) -> np.ndarray:
    """Return the part of an image that a box of half-open pixel ranges covers."""
    height, width = image.shape[:2]
    x0, y0 = (max(0, int(np.floor(value))) for value in xyxy[:2])
    x1, y1 = min(width, int(np.ceil(xyxy[2]))), min(height, int(np.ceil(xyxy[3])))
    return image[y0:y1, x0:x1]


def depth_error(guess: DepthImage, truth: DepthImage, region: Mask) -> float | None:
    """Return the mean absolute depth error where both have depth in a region [m]; None where neither."""
    both = region & (guess > 0) & (truth > 0)
    return float(np.abs(guess[both] - truth[both]).mean()) if both.any() else None


def _outline(mask: Mask) -> Mask:
    from scipy.ndimage import binary_erosion

    return mask & ~np.asarray(binary_erosion(mask, border_value=1), bool)


def _one_window(first: ColorImage, second: ColorImage) -> float:
    a, b = (image.reshape(-1, 3).astype(np.float64) for image in (first, second))
    mean_a, mean_b = a.mean(0), b.mean(0)
    shared = ((a - mean_a) * (b - mean_b)).mean(0)
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mean_a * mean_b + c1) * (2 * shared + c2)
    return float((value / ((mean_a**2 + mean_b**2 + c1) * (a.var(0) + b.var(0) + c2))).mean())
