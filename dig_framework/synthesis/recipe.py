"""What a set of scenes is made from."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from dig_framework import plugins
from dig_framework.errors import ComponentError, ComponentUsageError
from dig_framework.interfaces.simulator import Simulator
from dig_framework.synthesis.arrangement import FamilyName
from dig_framework.synthesis.catalogue import Catalogue, Household, MeshFolder, Primitives
from dig_framework.synthesis.mesh_folder import mesh_folder_text
from dig_framework.synthesis.sensor import SensorName

_DISTRIBUTIONS = {"mitsuba": "dig-mitsuba", "embree": "dig-embree", "mujoco": "dig-mujoco"}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that the bytes of a scene follow from, besides its number."""

    family: FamilyName
    seed: int = 0
    renderer: str = "mitsuba"
    sensor: SensorName = "d435"
    simulator: str = "mujoco"
    meshes: Path | None = None
    """Folder of meshes in place of our own objects."""

    def catalogue(self) -> Catalogue:
        """Return the models.

        Raises:
            InputError: If the folder of meshes is none or holds none.
        """
        if self.meshes is not None:
            return MeshFolder(self.meshes)
        return Primitives(self.seed) if self.family == "primitives" else Household(self.seed)

    def simulation(self) -> Simulator:
        """Return the simulator.

        Raises:
            ComponentError: If it is not installed, or the family needs things to touch and it lets them not.
        """
        simulator = _loaded("simulator", self.simulator).model_validate({})
        assert isinstance(simulator, Simulator)  # For the type checker; `load` has seen to it.
        if self.family == "clutter" and not simulator.stacking:
            raise ComponentError(
                f"family 'clutter' needs a simulator in which things touch, which {self.simulator!r} does not claim "
                "(stacking); take 'mujoco': pip install dig-mujoco."
            )
        return simulator

    def check(self) -> None:
        """Raise what would keep every scene from being made."""
        self.catalogue()
        self.simulation()
        _loaded("renderer", self.renderer)

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as plain values; meshes by what their folder holds."""
        values = {name: getattr(self, name) for name in ("family", "seed", "renderer", "sensor", "simulator")}
        return {**values, "meshes": None if self.meshes is None else mesh_folder_text(self.meshes)}


def _loaded(slot: str, name: str) -> Any:
    try:
        return plugins.load(slot, name)
    except ComponentUsageError as error:
        if name not in _DISTRIBUTIONS:
            raise
        raise ComponentError(f"{error} Install it: pip install {_DISTRIBUTIONS[name]}.") from error
