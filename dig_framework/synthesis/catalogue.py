"""All models that the scenes of a dataset may show, by BOP's object number."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from pathlib import Path

from dig_framework.synthesis.household import KINDS, household_model
from dig_framework.synthesis.mesh_folder import folder_model, mesh_files
from dig_framework.synthesis.model import Model
from dig_framework.synthesis.primitives import SHAPES, primitive_model

VARIANTS = 4
"""Of each household kind."""
PRIMITIVES = 12
"""Of each primitive shape."""


class Catalogue(ABC):
    """Models by number, made or read when asked for."""

    @abstractmethod
    def count(self) -> int:
        """Return how many there are; their numbers are 1 to this."""

    @abstractmethod
    def kind(self, number: int) -> str:
        """Return what a number's model is called, without making it."""

    @abstractmethod
    def model(self, number: int) -> Model:
        """Return the model of a number."""


class Household(Catalogue):
    """Several variants of every household kind."""

    def __init__(self, seed: int) -> None:
        """Choose all variants by a seed."""
        self._seed = seed

    def count(self) -> int:
        """Return how many there are."""
        return len(KINDS) * VARIANTS

    def kind(self, number: int) -> str:
        """Return the name of a kind."""
        return sorted(KINDS)[(number - 1) // VARIANTS]

    def model(self, number: int) -> Model:
        """Return the model of a number."""
        return _household(self.kind(number), (number - 1) % VARIANTS, self._seed)


class Primitives(Catalogue):
    """Several variants of every primitive shape."""

    def __init__(self, seed: int) -> None:
        """Choose all variants by a seed."""
        self._seed = seed

    def count(self) -> int:
        """Return how many there are."""
        return len(SHAPES) * PRIMITIVES

    def kind(self, number: int) -> str:
        """Return the name of a shape."""
        return SHAPES[(number - 1) // PRIMITIVES]

    def model(self, number: int) -> Model:
        """Return the model of a number."""
        return primitive_model(self.kind(number), (number - 1) % PRIMITIVES, self._seed)


class MeshFolder(Catalogue):
    """The meshes of a folder."""

    def __init__(self, folder: Path) -> None:
        """List a folder.

        Raises:
            InputError: If it holds no meshes.
        """
        self._files = mesh_files(folder)

    def count(self) -> int:
        """Return how many there are."""
        return len(self._files)

    def kind(self, number: int) -> str:
        """Return the name of a mesh."""
        return self._files[number - 1][0]

    def model(self, number: int) -> Model:
        """Return the model of a number.

        Raises:
            InputError: If its file cannot be used; names it.
        """
        return _from_file(*self._files[number - 1])


@functools.lru_cache(maxsize=64)
def _household(kind: str, variant: int, seed: int) -> Model:
    return household_model(kind, variant, seed)


@functools.lru_cache(maxsize=32)
def _from_file(name: str, path: Path, mass: float | None) -> Model:
    return folder_model(name, path, mass)
