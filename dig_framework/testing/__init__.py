"""Conformance suites, analytic scenes and emulators for whoever writes a backend.

Suites are imported on first use, so that testing a launcher does not import a renderer.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {
    "CameraConformance": "camera_conformance",
    "Conformance": "conformance",
    "DatasetConformance": "dataset_conformance",
    "DeformationConformance": "deformation_conformance",
    "DetectorConformance": "detector_conformance",
    "LauncherConformance": "launcher_conformance",
    "PolicyConformance": "policy_conformance",
    "RendererConformance": "renderer_conformance",
    "RobotConformance": "robot_conformance",
    "ScheduleConformance": "schedule_conformance",
    "SegmenterConformance": "segmenter_conformance",
    "ShapeConformance": "shape_conformance",
    "SimulatorConformance": "simulator_conformance",
}

if TYPE_CHECKING:
    from dig_framework.testing.camera_conformance import CameraConformance as CameraConformance
    from dig_framework.testing.conformance import Conformance as Conformance
    from dig_framework.testing.dataset_conformance import DatasetConformance as DatasetConformance
    from dig_framework.testing.deformation_conformance import DeformationConformance as DeformationConformance
    from dig_framework.testing.detector_conformance import DetectorConformance as DetectorConformance
    from dig_framework.testing.launcher_conformance import LauncherConformance as LauncherConformance
    from dig_framework.testing.policy_conformance import PolicyConformance as PolicyConformance
    from dig_framework.testing.renderer_conformance import RendererConformance as RendererConformance
    from dig_framework.testing.robot_conformance import RobotConformance as RobotConformance
    from dig_framework.testing.schedule_conformance import ScheduleConformance as ScheduleConformance
    from dig_framework.testing.segmenter_conformance import SegmenterConformance as SegmenterConformance
    from dig_framework.testing.shape_conformance import ShapeConformance as ShapeConformance
    from dig_framework.testing.simulator_conformance import SimulatorConformance as SimulatorConformance

__all__ = sorted([*_HOMES, "suite_for"])  # pyright: ignore[reportUnsupportedDunderAll]


def suite_for(slot: str) -> type[Conformance]:
    """Return the conformance suite of a slot.

    Raises:
        AttributeError: If there is no such slot.
    """
    return getattr(importlib.import_module(__name__), f"{slot.capitalize()}Conformance")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dig_framework.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dig_framework.testing.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
