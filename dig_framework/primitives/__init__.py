"""Simple solids and how to fit them to points: what baselines are made of."""
