"""Loss terms as small pure functions of tensors: of images, of surfaces, of what touches, and of plain bounds."""

from dig_framework.losses.bounds import barrier, outside
from dig_framework.losses.contact import penetration, rest
from dig_framework.losses.images import averaged, coverage, in_front, robust, smooth_depth
from dig_framework.losses.surface import displacement, edge_energy, volume_change

__all__ = [
    "averaged",
    "barrier",
    "coverage",
    "displacement",
    "edge_energy",
    "in_front",
    "outside",
    "penetration",
    "rest",
    "robust",
    "smooth_depth",
    "volume_change",
]
