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

HAND_CLEARANCE = 0.01
"""Room that a policy leaves between each pad and the object before closing [m]; for poses that are millimetres off."""

PROPOSED_TABLE_MARGIN = 0.003
"""Least height of the hand above the plane that a policy proposes [m]; more than simulators and robots ask for."""
