"""How much of a reconstructed surface the image leaves open."""
