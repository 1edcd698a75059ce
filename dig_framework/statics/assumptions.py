"""What policies, simulators and robots take for granted alike where the scene does not say.

Each is the default of a setting of several components. They stand here once, so that what a policy proposes, a
simulator tries and a robot does is the same experiment unless somebody asks for another.
"""

from __future__ import annotations

ASSUMED_DENSITY = 600.0
"""Of objects without a mass [kg/m^3]; that of wood. Plastic and ceramic are denser, but seldom solid in a household."""

ASSUMED_FRICTION = 0.5
"""Coulomb coefficient of objects without one; a cautious value for rubber pads on plastic, wood or cardboard."""

LIFT_HEIGHT = 0.15
"""How far a grasped object is lifted [m]; enough to see that it came off the table and clear of its neighbours."""
