"""How well a scene was recovered: figures with stated units, each from its published definition.

Lengths are metres, angles radians; nothing is aligned unless it says so.
"""
