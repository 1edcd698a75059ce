"""One abstract class a slot: derive from it, name the class in an entry point, and it can be swapped in."""

from dig_framework.interfaces.camera import CameraDevice
from dig_framework.interfaces.dataset import Dataset
from dig_framework.interfaces.deformation import Binding, Deformation
from dig_framework.interfaces.detector import Detector
from dig_framework.interfaces.launcher import Ended, Job, Launcher
from dig_framework.interfaces.policy import Policy
from dig_framework.interfaces.renderer import Renderer
from dig_framework.interfaces.robot import Plan, Robot, RobotState, Waypoint
from dig_framework.interfaces.schedule import Fit, FitStep, Objective, Schedule
from dig_framework.interfaces.segmenter import Segmenter
from dig_framework.interfaces.shape import Shape
from dig_framework.interfaces.simulator import Simulator

__all__ = [
    "Binding",
    "CameraDevice",
    "Dataset",
    "Deformation",
    "Detector",
    "Ended",
    "Fit",
    "FitStep",
    "Job",
    "Launcher",
    "Objective",
    "Plan",
    "Policy",
    "Renderer",
    "Robot",
    "RobotState",
    "Schedule",
    "Segmenter",
    "Shape",
    "Simulator",
    "Waypoint",
]
