"""The kinds of household objects that can be made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dig_framework.derived_seed import derived_seed
from dig_framework.synthesis import kinds_containers, kinds_solids, kinds_tools, kinds_vessels
from dig_framework.synthesis.draft import Draft, modelled
from dig_framework.synthesis.model import Model
from dig_framework.synthesis.solids import check_library

KINDS: dict[str, Callable[[np.random.Generator], Draft]] = {
    "apple": kinds_solids.apple,
    "ball": kinds_solids.ball,
    "banana": kinds_solids.banana,
    "basket": kinds_vessels.basket,
    "bottle": kinds_containers.bottle,
    "bowl": kinds_vessels.bowl,
    "brick": kinds_solids.brick,
    "can": kinds_containers.can,
    "candle": kinds_solids.candle,
    "cereal-box": kinds_containers.cereal_box,
    "clamp": kinds_tools.clamp,
    "cup-stack": kinds_vessels.cup_stack,
    "flat-can": kinds_containers.flat_can,
    "hammer": kinds_tools.hammer,
    "jar": kinds_containers.jar,
    "lemon": kinds_solids.lemon,
    "marker": kinds_tools.marker,
    "milk-carton": kinds_containers.milk_carton,
    "mug": kinds_vessels.mug,
    "pear": kinds_solids.pear,
    "pitcher": kinds_vessels.pitcher,
    "plant-pot": kinds_vessels.plant_pot,
    "plate": kinds_vessels.plate_dish,
    "power-drill": kinds_tools.power_drill,
    "scissors": kinds_tools.scissors,
    "screwdriver": kinds_tools.screwdriver,
    "small-box": kinds_containers.small_box,
    "soap-bottle": kinds_containers.soap_bottle,
    "sponge": kinds_solids.sponge,
    "spray-bottle": kinds_containers.spray_bottle,
    "squeeze-bottle": kinds_containers.squeeze_bottle,
    "stapler": kinds_tools.stapler,
    "tape-roll": kinds_tools.tape_roll,
    "thermos": kinds_containers.thermos,
    "toothpaste": kinds_containers.toothpaste,
    "toy-brick": kinds_solids.toy_brick,
    "tumbler": kinds_vessels.tumbler,
    "wine-glass": kinds_vessels.wine_glass,
    "wrench": kinds_tools.wrench,
}
"""By name: what makes one of each kind, its sides and colours by chance."""


def household_model(kind: str, variant: int, seed: int) -> Model:
    """Return one variant of a kind; the same for the same seed, whatever else is made.

    Raises:
        ComponentError: If the library of solids is not installed.
        KeyError: If there is no such kind.
    """
    check_library()
    random = np.random.default_rng(derived_seed(seed, "household", kind, variant))
    return modelled(f"{kind}-{variant}", KINDS[kind](random))
