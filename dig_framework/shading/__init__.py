"""How surfaces reflect light: models that renderers share, in plain torch."""
