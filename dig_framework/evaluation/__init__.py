"""Scores of whole sets of images: runs against the truth, tables with intervals, and galleries of what went wrong."""
