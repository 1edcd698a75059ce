"""Resilient propagation on everything at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.errors import FitError
from dig_framework.interfaces import Fit, FitStep, Objective, Schedule


class ExampleSchedule(Schedule):
    """Steps along the signs of the gradient, each number with a step size of its own (Riedmiller and Braun 1993)."""

    parameters: tuple[str, ...] = Field(
        default=("objects.*.pose.*", "objects.*.scale"), description="Patterns of what it fits"
    )
    loss: dict[str, float] = Field(default={"depth": 1.0, "mask": 1.0}, min_length=1, description="Weight of each term")
    first_step: float = Field(default=1e-3, gt=0, description="First step size [unit of the tensor]")
    steps: int = Field(default=100, ge=1, description="How many steps")

    def fit(self, objective: Objective, parameters: Mapping[str, Tensor], report: Callable[[FitStep], None]) -> Fit:
        """Return the best parameters seen; it always takes all its steps, so it never counts as converged.

        Raises:
            FitError: If a loss term or a gradient is not finite.
        """
        chosen = [name for name in parameters if any(fnmatchcase(name, pattern) for pattern in self.parameters)]
        current = {name: value.detach() for name, value in parameters.items()}
        unknowns = {name: current[name].clone().requires_grad_() for name in chosen}
        optimizer = torch.optim.Rprop(list(unknowns.values()), lr=self.first_step)
        best = (float("inf"), current)
        for step in range(1, self.steps + 1):
            terms = objective({**current, **unknowns}, self.loss)
            total = sum((weight * terms[name] for name, weight in self.loss.items()), torch.zeros(()))
            values = {name: float(value.detach()) for name, value in terms.items()}
            _check({f"term {name!r}": value for name, value in terms.items()}, step)
            report(FitStep("all", step, self.steps, float(total.detach()), values))
            if float(total.detach()) < best[0]:
                best = (float(total.detach()), {**current, **{n: v.detach().clone() for n, v in unknowns.items()}})
            optimizer.zero_grad()
            total.backward()
            _check({f"the gradient of {name!r}": v.grad for name, v in unknowns.items() if v.grad is not None}, step)
            optimizer.step()
        return Fit(best[1], converged=False)


def _check(values: Mapping[str, Tensor], step: int) -> None:
    for name, value in values.items():
        if not bool(value.isfinite().all()):
            raise FitError(f"{name} is not finite at step {step}; smaller steps or other weights may help.")
