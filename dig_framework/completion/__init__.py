"""Closing the side of an object that one view does not show: cleaning, symmetry, bottom, carving, meshing."""
