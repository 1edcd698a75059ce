"""Grasp trials in MuJoCo."""

from dig_mujoco.simulator import MujocoSimulator

__all__ = ["MujocoSimulator"]
