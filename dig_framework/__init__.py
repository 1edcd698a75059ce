"""Inverse graphics for robots: from one RGBD image and boxes to meshes, poses, materials, lights and a grasp.

Names are imported on first use, so that `import dig_framework` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "AmbientLight": "light",
    "Box": "observation",
    "Camera": "camera",
    "Component": "component",
    "DigError": "errors",
    "DirectionalLight": "light",
    "Evidence": "evidence",
    "Grasp": "grasp",
    "Hypothesis": "evidence",
    "Light": "light",
    "Material": "material",
    "Mesh": "mesh",
    "Observation": "observation",
    "ParallelJaw": "grasp",
    "PipelineConfig": "config",
    "Plane": "plane",
    "Pose": "pose",
    "Render": "render",
    "Scene": "scene",
    "SceneObject": "scene",
    "SensorNoise": "evidence",
    "Trial": "grasp",
    "load_observation": "observation_files",
    "load_scene": "scene_files",
    "read_config": "config_reading",
    "observation_from_arrays": "observation_arrays",
    "reconstruct": "pipeline",
    "run_pipeline": "pipeline",
    "save_scene": "scene_files",
}

if TYPE_CHECKING:
    from dig_framework.camera import Camera as Camera
    from dig_framework.component import Component as Component
    from dig_framework.config import PipelineConfig as PipelineConfig
    from dig_framework.config_reading import read_config as read_config
    from dig_framework.errors import DigError as DigError
    from dig_framework.evidence import Evidence as Evidence
    from dig_framework.evidence import Hypothesis as Hypothesis
    from dig_framework.evidence import SensorNoise as SensorNoise
    from dig_framework.grasp import Grasp as Grasp
    from dig_framework.grasp import ParallelJaw as ParallelJaw
    from dig_framework.grasp import Trial as Trial
    from dig_framework.light import AmbientLight as AmbientLight
    from dig_framework.light import DirectionalLight as DirectionalLight
    from dig_framework.light import Light as Light
    from dig_framework.material import Material as Material
    from dig_framework.mesh import Mesh as Mesh
    from dig_framework.observation import Box as Box
    from dig_framework.observation import Observation as Observation
    from dig_framework.observation_arrays import observation_from_arrays as observation_from_arrays
    from dig_framework.observation_files import load_observation as load_observation
    from dig_framework.pipeline import reconstruct as reconstruct
    from dig_framework.pipeline import run_pipeline as run_pipeline
    from dig_framework.plane import Plane as Plane
    from dig_framework.pose import Pose as Pose
    from dig_framework.render import Render as Render
    from dig_framework.scene import Scene as Scene
    from dig_framework.scene import SceneObject as SceneObject
    from dig_framework.scene_files import load_scene as load_scene
    from dig_framework.scene_files import save_scene as save_scene

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dig_framework' has no attribute {name!r}")
    return getattr(importlib.import_module(f"dig_framework.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
