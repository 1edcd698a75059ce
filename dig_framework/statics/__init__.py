"""Rigid bodies at rest: contacts, friction cones, wrenches, support, and hands that must not touch them."""
