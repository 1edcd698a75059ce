"""What a mesh can be moved through: coordinates of points in closed cages, lattices and harmonics about a centre."""
