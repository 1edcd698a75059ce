"""A fit that needs no gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from dig_framework.fitting.problem import checked_terms, scale_of, weighted
from dig_framework.fitting.selection import select
from dig_framework.interfaces.schedule import Fit, FitStep, Objective, Schedule


class DerivativeFree(Schedule):
    """Search directions (Powell) or a simplex (Nelder and Mead); works with any renderer, for a few dozen unknowns."""

    needs_gradients: ClassVar[bool] = False

    method: Literal["powell", "nelder-mead"] = Field(default="powell", description="Search of scipy.optimize.minimize")
    parameters: tuple[str, ...] = Field(
        default=("objects.*.pose.translation", "objects.*.scale"), description="Patterns of the tensors to fit"
    )
    loss: dict[str, float] = Field(
        default={"depth": 1.0, "mask": 1.0}, min_length=1, description="Weight of each term of the objective [1]"
    )
    scales: dict[str, float] = Field(
        default={"*.translation": 0.01, "*.rotation": 0.1, "*.scale": 0.1},
        description="Size of the first change tried, by pattern; 1 elsewhere [unit of the tensor]",
    )
    level: int = Field(default=2, ge=0, description="How many times the image resolution is halved [count]")
    evaluations: int = Field(default=600, ge=1, description="Most renderings [count]")
    tolerance: float = Field(
        default=1e-3, gt=0, description="Stop when unknowns, in their scales, and loss change less [1]"
    )

    def fit(self, objective: Objective, parameters: Mapping[str, Tensor], report: Callable[[FitStep], None]) -> Fit:
        """Return the best parameters seen.

        Raises:
            FitError: If a pattern matches nothing or a term is not finite.
        """
        current = {name: value.detach() for name, value in parameters.items()}
        search = _Search(self, objective, current, select(current, self.parameters, phase=self.method), report)
        converged = search.run()
        return Fit(search.best, converged)


class _Search:
    """One run: the flat vector scipy moves, and the best tensors seen."""

    def __init__(
        self,
        settings: DerivativeFree,
        objective: Objective,
        start: dict[str, Tensor],
        names: list[str],
        report: Callable[[FitStep], None],
    ) -> None:
        self.settings, self.objective, self.start, self.names, self.report = settings, objective, start, names, report
        self.best, self.lowest, self.count = start, float("inf"), 0

    def run(self) -> bool:
        """Search from the start; return whether the search ended by its tolerance."""
        import numpy as np
        from scipy.optimize import minimize

        settings = self.settings
        size = sum(self.start[name].numel() for name in self.names)
        options: dict[str, Any] = {"maxfev": settings.evaluations}
        options |= {("xtol" if settings.method == "powell" else "xatol"): settings.tolerance}
        options |= {("ftol" if settings.method == "powell" else "fatol"): settings.tolerance}
        if settings.method == "nelder-mead":
            options["initial_simplex"] = np.concatenate([np.zeros((1, size)), np.eye(size)])
        result = minimize(self._loss, np.zeros(size), method=settings.method, options=options)
        return bool(result.success)

    def _loss(self, vector: Any) -> float:
        settings = self.settings
        values = self._moved(torch.as_tensor(vector))
        with torch.no_grad():
            terms = checked_terms(self.objective, values, settings.loss, settings.level, settings.method)
            loss = float(weighted(terms, settings.loss))
        self.count += 1
        if loss < self.lowest:
            self.best, self.lowest = values, loss
        if self.count <= settings.evaluations:
            seen = {name: float(term) for name, term in terms.items()}
            self.report(FitStep(settings.method, self.count, settings.evaluations, loss, seen))
        return loss

    def _moved(self, vector: Tensor) -> dict[str, Tensor]:
        moved = dict(self.start)
        parts = vector.split([self.start[name].numel() for name in self.names])
        for name, part in zip(self.names, parts, strict=True):
            old = self.start[name]
            moved[name] = old + scale_of(name, self.settings.scales) * part.reshape(old.shape).to(old)
        return moved
