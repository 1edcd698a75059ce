"""Deformed meshes without faces that turned over or cut through each other."""

from __future__ import annotations

from dig_framework.unfolding.folded_faces import crossing_faces, flipped_faces
from dig_framework.unfolding.mending import Unfolded, unfolded

__all__ = ["Unfolded", "crossing_faces", "flipped_faces", "unfolded"]
