"""MuJoCo models of scenes, with or without a hand."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from dig_framework.grasp import ParallelJaw
from dig_framework.plane import Plane
from dig_framework.statics.body import Body

_FINGER_MASS = 0.1
"""Mass of a finger [kg]; heavy enough for a stable servo at 2 ms."""
_SERVO = 3000.0
"""Stiffness of the jaws' servo [N/m]."""
_WORLD, _HAND = "1", "2"
"""Collision bits: the hand meets the world, but not itself."""


def scene_xml(
    bodies: Mapping[int, Body],
    parts: Mapping[int, list[Float[np.ndarray, "corners 3"]]],
    plane: Plane | None,
    gravity: Float[np.ndarray, "3"],
    timestep: float,
    hand: ParallelJaw | None = None,
) -> str:
    """Return a model in MuJoCo's XML, in the scene's frame.

    Each body hangs on a free joint `object K` whose frame has the axes of the scene and its origin at the centre of
    mass. The hand is welded to a mocap body `target`; actuators `left` and `right` move the pads.

    Args:
        bodies: By `SceneObject.index`, which names them.
        parts: Convex pieces of each body, in the scene's frame [m].
        plane: Support, or None.
        gravity: Acceleration [m/s^2].
        timestep: Of the integration [s].
        hand: Gripper to add.
    """
    root = ET.Element("mujoco")
    option = _add(root, "option", timestep=timestep, gravity=gravity, cone="elliptic", integrator="implicitfast")
    option.attrib.update(impratio="20", noslip_iterations="5")
    _add(option, "flag", multiccd="enable")
    default = _add(_add(root, "default"), "geom", condim=4, solref=[0.004, 1.0], solimp=[0.95, 0.99, 0.0005, 0.5, 2])
    default.attrib.update(contype=_WORLD, conaffinity=_WORLD)
    asset, world = _add(root, "asset"), _add(root, "worldbody")
    if plane is not None:
        _add_plane(world, plane)
    for index, body in bodies.items():
        _add_body(asset, world, body, parts[index])
    if hand is not None:
        _add_hand(root, world, hand)
    return ET.tostring(root, encoding="unicode")


def _add(parent: ET.Element, tag: str, **attributes: Any) -> ET.Element:
    return ET.SubElement(parent, tag, {name.rstrip("_"): _text(value) for name, value in attributes.items()})


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return " ".join(repr(float(number)) for number in value) if isinstance(value, Iterable) else repr(value)


def _add_plane(world: ET.Element, plane: Plane) -> None:
    normal = plane.normal.detach().double().cpu().numpy()
    length = np.linalg.norm(normal)
    position = -float(plane.offset) / length * normal / length
    # Its own friction is tiny, so that the larger one, the object's, counts.
    _add(world, "geom", name="table", type="plane", size=[0, 0, 1], pos=position, zaxis=normal, friction=[1e-5, 0, 0])


def _add_body(asset: ET.Element, world: ET.Element, body: Body, parts: list[Float[np.ndarray, "corners 3"]]) -> None:
    name = f"object {body.index}"
    item = _add(world, "body", name=name, pos=body.center)
    _add(item, "freejoint", name=name)
    moments = body.inertia
    full = [moments[0, 0], moments[1, 1], moments[2, 2], moments[0, 1], moments[0, 2], moments[1, 2]]
    _add(item, "inertial", pos=[0, 0, 0], mass=body.mass, fullinertia=full)
    for number, corners in enumerate(parts):
        mesh = f"{name} part {number}"
        local = corners - body.center
        _add(asset, "mesh", name=mesh, vertex=local.ravel(), inertia="convex")
        sliding = max(body.friction, 1e-5)
        _add(item, "geom", type="mesh", mesh=mesh, friction=[sliding, 0.005 * sliding, 1e-4], group=body.index % 6)


def _add_hand(root: ET.Element, world: ET.Element, hand: ParallelJaw) -> None:
    left, _, palm = hand.boxes(0.0)
    _add(world, "body", name="target", mocap="true")
    base = _add(world, "body", name="hand", gravcomp="1")
    _add(base, "freejoint", name="hand")
    shape = {"type": "box", "friction": [1e-5, 0, 0], "contype": _HAND, "conaffinity": _WORLD}
    _add(base, "geom", name="palm", pos=palm.center, size=palm.half, mass=1.0, **shape)
    for side, name in ((-1, "left"), (1, "right")):
        finger = _add(base, "body", name=name, gravcomp="1")
        travel = {"axis": [side, 0, 0], "range": [0, hand.opening / 2], "limited": "true"}
        damping = 2 * (_SERVO * _FINGER_MASS) ** 0.5
        _add(finger, "joint", name=name, type="slide", damping=damping, **travel)
        center = left.center * [-side, 1, 1]
        _add(finger, "geom", name=name, pos=center, size=left.half, mass=_FINGER_MASS, **shape)
    equality = _add(root, "equality")
    _add(equality, "weld", body1="target", body2="hand", solref=[0.004, 1.0])
    _add(equality, "joint", joint1="left", joint2="right", polycoef=[0, 1, 0, 0, 0], solref=[0.004, 1.0])
    actuator = _add(root, "actuator")
    for name in ("left", "right"):
        _add(actuator, "position", name=name, joint=name, kp=_SERVO, forcerange=[-hand.force, hand.force])
