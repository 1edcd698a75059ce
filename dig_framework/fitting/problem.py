"""A weighted objective as an optimiser sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import torch
from jaxtyping import Float
from torch import Tensor

from dig_framework.errors import FitError
from dig_framework.interfaces.schedule import Objective


class Problem:
    """Selected tensors as unknowns z, with tensor = start + scale z, and the weighted sum of terms as their loss.

    Scales make one unit of every unknown an equally typical change, for Adam and L-BFGS alike. The last evaluation is
    remembered, so that asking again at the same place costs nothing.
    """

    def __init__(
        self,
        objective: Objective,
        start: Mapping[str, Tensor],
        names: Sequence[str],
        scales: Mapping[str, float],
        weights: Mapping[str, float],
        level: int,
        phase: str,
    ) -> None:
        self.objective = objective
        self.start = dict(start)
        self.names = list(names)
        self.scales = [scale_of(name, scales) for name in names]
        self.weights = dict(weights)
        self.level = level
        self.phase = phase
        self.unknowns = [torch.zeros_like(self.start[name]).requires_grad_() for name in names]
        self._place: list[Tensor] | None = None
        self._terms: dict[str, float] = {}
        self._loss = torch.zeros(())

    def values(self, unknowns: Sequence[Tensor] | None = None) -> dict[str, Tensor]:
        """Return all tensors, the selected ones moved by the unknowns; differentiable in these."""
        moved = dict(self.start)
        for name, scale, unknown in zip(self.names, self.scales, unknowns or self.unknowns, strict=True):
            moved[name] = self.start[name] + scale * unknown
        return moved

    def evaluate(self) -> dict[str, float]:
        """Return the terms at the unknowns' present values, and leave gradients in the unknowns."""
        self.loss()
        return self._terms

    def loss(self) -> Float[Tensor, ""]:
        """Return the weighted sum, and leave gradients in the unknowns.

        Raises:
            FitError: If a term or gradient is not finite.
        """
        if self._place is not None and all(map(torch.equal, self._place, self.unknowns)):
            return self._loss
        for unknown in self.unknowns:
            unknown.grad = None
        terms = checked_terms(self.objective, self.values(), self.weights, self.level, self.phase)
        total = weighted(terms, self.weights)
        if total.requires_grad:
            total.backward()
        self._check_gradients()
        self._place = [unknown.detach().clone() for unknown in self.unknowns]
        self._terms = {name: float(value.detach()) for name, value in terms.items()}
        self._loss = total.detach()
        return self._loss

    def steepest(self) -> float:
        """Return the largest gradient entry of the last evaluation."""
        return max(float(unknown.grad.abs().max()) for unknown in self.unknowns if unknown.grad is not None)

    def _check_gradients(self) -> None:
        for name, unknown in zip(self.names, self.unknowns, strict=True):
            if unknown.grad is None:
                unknown.grad = torch.zeros_like(unknown)
            if not unknown.grad.isfinite().all():
                raise FitError(
                    f"phase {self.phase!r}: the gradient of {name!r} is not finite; terms: {', '.join(self.weights)}."
                )


def scale_of(name: str, scales: Mapping[str, float]) -> float:
    """Return the scale of the first pattern that matches a name, or one."""
    return next((scale for pattern, scale in scales.items() if fnmatchcase(name, pattern)), 1.0)


def weighted(terms: Mapping[str, Tensor], weights: Mapping[str, float]) -> Float[Tensor, ""]:
    """Return the weighted sum of terms."""
    return torch.stack([weight * terms[name] for name, weight in weights.items()]).sum()


def checked_terms(
    objective: Objective, values: Mapping[str, Tensor], weights: Mapping[str, float], level: int, phase: str
) -> dict[str, Tensor]:
    """Return the terms that the weights ask for.

    Raises:
        FitError: If the objective lacks a term or one is not finite.
    """
    terms = objective(values, list(weights), level)
    for name in weights:
        if name not in terms:
            raise FitError(f"phase {phase!r}: the objective gives no term {name!r}, only {', '.join(terms)}.")
        if not terms[name].isfinite().all():
            broken = [key for key, value in values.items() if not value.detach().isfinite().all()]
            cause = f"; not finite either: {', '.join(broken)}" if broken else ", though every tensor is finite"
            raise FitError(f"phase {phase!r}: the term {name!r} became {float(terms[name].detach())}{cause}.")
    return terms
