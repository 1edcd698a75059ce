"""The order in which unknowns are fitted."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Protocol, runtime_checkable

from torch import Tensor

from dig_framework.component import Component


@runtime_checkable
class Objective(Protocol):
    """What is minimised: named terms, unweighted, of a flat mapping of parameters."""

    def __call__(self, parameters: Mapping[str, Tensor], terms: Collection[str], level: int = 0) -> dict[str, Tensor]:
        """Return the asked-for scalar terms; `level` halves the image resolution that many times."""
        ...


@dataclasses.dataclass(frozen=True)
class FitStep:
    """One optimiser step, as listeners see it."""

    phase: str
    step: int
    """Counted from one within the phase."""
    steps: int
    """Most steps the phase may take."""
    loss: float
    """Weighted sum."""
    terms: Mapping[str, float]
    """Unweighted terms."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """What a schedule returns."""

    parameters: dict[str, Tensor]
    """Every tensor it was given, fitted ones replaced, detached."""
    converged: bool
    """Whether every phase ended by its own criterion rather than by its step limit."""


class Schedule(Component):
    """Minimises an objective in an order of its own."""

    slot: ClassVar[str] = "schedule"
    needs_gradients: ClassVar[bool] = True
    """Whether it differentiates the objective; one that does not works with any renderer."""

    @abstractmethod
    def fit(
        self,
        objective: Objective,
        parameters: Mapping[str, Tensor],
        report: Callable[[FitStep], None],
    ) -> Fit:
        """Return the best parameters found. Tensors that no phase selects come back bit-identical.

        Raises:
            FitError: If a loss term or gradient is not finite; names the term and the tensor.
        """
