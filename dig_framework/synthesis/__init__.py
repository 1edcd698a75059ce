"""Synthetic tabletop scenes with exact truth: objects, arrangements, rooms, sensors, and the files of a BOP dataset."""
