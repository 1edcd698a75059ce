"""What is measured of every object, in which unit, and what a failure counts."""

from __future__ import annotations

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Measure:
    """One column of the tables."""

    name: str
    """Key in the files, where values have SI units."""
    title: str
    """Head of the column, with the unit in which it is shown."""
    higher_is_better: bool
    shown: float = 1.0
    """What a value is multiplied with to be shown."""
    digits: int = 3
    """Decimals shown."""
    failure: Literal["length", "share", "none"] | float = "none"
    """What an object counts that was not recovered: half the diagonal of its smallest box, half a diameter as a share
    of it, a number, or nothing."""

    def text(self, value: float | None) -> str:
        """Return a value as it is shown."""
        return "–" if value is None else f"{value * self.shown:.{self.digits}f}"


def _length(name: str, title: str, failed: bool = True) -> Measure:
    return Measure(name, f"{title} [mm]", False, 1e3, 2, "length" if failed else "none")


MEASURES = (
    _length("chamfer", "chamfer"),
    Measure("fscore", "F@5mm", True, failure=0.0),
    Measure("iou", "vIoU", True, failure=0.0),
    Measure("two_way", "two-way/d", False, failure="share"),
    Measure("close", "two-way < .02 d", True, failure=0.0),
    _length("hidden", "hidden"),
    _length("visible", "visible"),
    _length("accuracy", "accuracy"),
    _length("completeness", "completeness"),
    _length("center", "centre"),
    Measure("good", "chamfer < 5 %", True, failure=0.0),
    Measure("mask_iou", "mask IoU", True, failure=0.0),
    _length("depth_error", "visible depth", failed=False),
    Measure("vsd", "VSD recall", True, failure=0.0),
    Measure("psnr", "PSNR [dB]", True, digits=1),
    Measure("ssim", "SSIM", True),
    Measure("relight_psnr", "relit PSNR [dB]", True, digits=1),
    _length("penetration", "penetration max", failed=False),
    _length("penetration_mean", "penetration mean", failed=False),
    _length("table_penetration", "below table max", failed=False),
    _length("table_penetration_mean", "below table mean", failed=False),
    _length("support_gap", "gap below", failed=False),
    Measure("watertight", "watertight", True, failure=0.0),
    Measure("self_intersections", "self-intersections", False, digits=0),
    _length("drift", "settle drift", failed=False),
    Measure("drift_angle", "settle turn [deg]", False, 57.29577951308232, 1),
    Measure("settled", "settled", True, failure=0.0),
)
"""Of every object, in the order of the tables."""

BY_NAME = {measure.name: measure for measure in MEASURES}

MAIN = ("chamfer", "fscore", "iou", "two_way", "close", "hidden", "mask_iou", "vsd")
"""Those that are printed; the files hold all."""
