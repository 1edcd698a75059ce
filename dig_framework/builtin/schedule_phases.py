"""A fit in named phases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from dig_framework.fitting.problem import Problem
from dig_framework.fitting.progress import Progress
from dig_framework.fitting.selection import select
from dig_framework.interfaces.schedule import Fit, FitStep, Objective, Schedule


class Phase(BaseModel):
    """Which tensors an optimiser moves, against which terms, for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(min_length=1, description="What it is called in reports")
    parameters: tuple[str, ...] = Field(
        default=(), description="Patterns of the tensors to fit, such as 'objects.*.pose.*'; each must match something"
    )
    optional: tuple[str, ...] = Field(
        default=(), description="Further patterns, which may match nothing, such as 'plane.material.*'"
    )
    loss: dict[str, float] = Field(min_length=1, description="Weight of each term of the objective [1]")
    optimizer: Literal["adam", "adamw", "lbfgs"] = Field(
        default="adam", description="L-BFGS searches strong-Wolfe steps"
    )
    steps: int = Field(default=100, ge=1, description="Most steps [count]")
    lr: float = Field(default=1.0, gt=0, description="Learning rate, in units of each tensor's scale [1]")
    decay: float = Field(
        default=1.0, gt=0, le=1, description="Adam: share of the learning rate left at the last step [ratio]"
    )
    weight_decay: float = Field(default=1e-4, ge=0, description="AdamW: share by which unknowns shrink, times lr [1]")
    scales: dict[str, float] = Field(
        default={},
        description="Size of a typical change, by pattern, first match counts; 1 elsewhere [unit of the tensor]",
    )
    level: int = Field(default=0, ge=0, description="How many times the image resolution is halved [count]")
    patience: int = Field(
        default=20, ge=1, description="Stop when the best loss gained too little in so many steps [count]"
    )
    min_delta: float = Field(default=1e-4, ge=0, description="Gain in the loss that counts [unit of the loss]")
    min_gain: float = Field(
        default=0.0, ge=0, lt=1, description="Gain that counts, as a share of the loss; the larger one rules [ratio]"
    )
    gradient_tolerance: float = Field(default=1e-7, ge=0, description="L-BFGS: stop below this largest gradient entry")
    memory: int = Field(default=10, ge=1, description="L-BFGS: updates remembered [count]")


def _default_phases() -> tuple[Phase, ...]:
    patterns = ("objects.*.pose.*", "objects.*.scale")
    scales = {"*.translation": 0.01, "*.rotation": 0.1, "*.scale": 0.1}
    return (Phase(name="pose", parameters=patterns, loss={"depth": 1.0, "mask": 1.0}, lr=0.1, scales=scales),)


class Phases(Schedule):
    """Run Adam, AdamW or L-BFGS phase by phase; each starts where the best of the one before ended.

    A phase ends when its loss stops falling, or after its steps. A tensor that no pattern selects is not touched. A
    phase with nothing but optional patterns that match nothing is left out.
    """

    phases: tuple[Phase, ...] = Field(default_factory=_default_phases, min_length=1, description="In this order")

    def fit(self, objective: Objective, parameters: Mapping[str, Tensor], report: Callable[[FitStep], None]) -> Fit:
        """Return the best parameters of the last phase.

        Raises:
            FitError: If a pattern matches nothing, or a term or gradient is not finite.
        """
        current = {name: value.detach() for name, value in parameters.items()}
        converged = True
        for phase in self.phases:
            names = select(current, phase.parameters, phase.optional, phase.name)
            if names:
                problem = Problem(objective, current, names, phase.scales, phase.loss, phase.level, phase.name)
                progress = Progress(phase.name, phase.steps, phase.patience, phase.min_delta, phase.min_gain, report)
                run = _lbfgs if phase.optimizer == "lbfgs" else _adam
                for values in run(problem, phase):
                    if not progress.goes_on(values, problem):
                        break
                current = progress.best(problem)
                converged = converged and progress.ended
        return Fit(current, converged)


def _adam(problem: Problem, phase: Phase) -> Iterator[dict[str, float]]:
    decay = phase.weight_decay if phase.optimizer == "adamw" else 0.0
    optimizer = torch.optim.AdamW(problem.unknowns, lr=phase.lr, weight_decay=decay)
    factor = phase.decay ** (1 / max(1, phase.steps))
    for _ in range(phase.steps):
        yield problem.evaluate()
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] *= factor
    yield problem.evaluate()


def _lbfgs(problem: Problem, phase: Phase) -> Iterator[dict[str, float]]:
    """Take one iteration a call, so that every step is seen; the repeated evaluation is remembered, not repeated."""
    optimizer = torch.optim.LBFGS(
        problem.unknowns,
        lr=phase.lr,
        max_iter=1,
        max_eval=26,
        history_size=phase.memory,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )
    yield problem.evaluate()
    for _ in range(phase.steps):
        optimizer.step(problem.loss)
        yield problem.evaluate()
        if problem.steepest() <= phase.gradient_tolerance:
            return
