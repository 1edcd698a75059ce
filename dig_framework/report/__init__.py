"""A run as one page that works offline: pictures, curves, the scene in 3D, grasps, figures and settings."""

from dig_framework.report.writing import write_report

__all__ = ["write_report"]
