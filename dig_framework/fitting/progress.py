"""When a phase has done its work."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from dig_framework.fitting.problem import Problem
from dig_framework.interfaces.schedule import FitStep


class Progress:
    """Keeps the best unknowns of a phase, reports every step, and tells when the loss has stopped falling."""

    def __init__(
        self,
        phase: str,
        steps: int,
        patience: int,
        min_delta: float,
        min_gain: float,
        report: Callable[[FitStep], None],
    ) -> None:
        self.phase, self.steps, self.patience = phase, steps, patience
        self.min_delta, self.min_gain = min_delta, min_gain
        self.report = report
        self._step = 0
        self._lowest = math.inf
        self._mark, self._marked_at = math.inf, 0
        self._best: list[Tensor] = []

    def goes_on(self, terms: Mapping[str, float], problem: Problem) -> bool:
        """Take in one evaluation, the first being that of the start; return whether to take another step."""
        loss = sum(weight * terms[name] for name, weight in problem.weights.items())
        if loss < self._lowest:
            self._lowest = loss
            self._best = [unknown.detach().clone() for unknown in problem.unknowns]
        needed = max(self.min_delta, self.min_gain * abs(self._mark)) if math.isfinite(self._mark) else 0.0
        if loss < self._mark - needed:
            self._mark, self._marked_at = loss, self._step
        if self._step:
            self.report(FitStep(self.phase, self._step, self.steps, loss, dict(terms)))
        self._step += 1
        return self._step - self._marked_at <= self.patience

    @property
    def ended(self) -> bool:
        """Whether fewer steps were taken than allowed: the loss, or the gradient, has come to rest."""
        return self._step - 1 < self.steps

    def best(self, problem: Problem) -> dict[str, Tensor]:
        """Return all tensors where the loss was lowest, detached; unmoved ones bit-identical."""
        with torch.no_grad():
            return {name: value.detach() for name, value in problem.values(self._best).items()}
