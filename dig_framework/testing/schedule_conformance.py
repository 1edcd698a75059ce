"""What every schedule must do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

import torch
from torch import Tensor

from dig_framework.errors import FitError
from dig_framework.interfaces.schedule import FitStep, Objective, Schedule
from dig_framework.testing.conformance import Conformance, not_claimed


class ScheduleConformance(Conformance):
    """Checks on a convex quadratic whose tensors are named as a scene's are, whatever terms the schedule asks for."""

    component: ClassVar[Schedule]  # type: ignore[assignment]
    untouched: ClassVar[str] = "suite.untouched"
    """Name of a tensor that no sensible pattern selects."""

    def test_solves_a_convex_quadratic(self) -> None:
        """Every tensor it moves, one at least, ends within a twentieth of its start's distance from the minimum."""
        start = _start(self.untouched)
        fit = self.component.fit(_Quadratic(), start, _ignore)
        moved = [name for name in start if not torch.equal(fit.parameters[name], start[name])]
        assert moved, "no tensor moved"
        for name in moved:
            left = _distance(fit.parameters[name], name) / _distance(start[name], name)
            assert left <= 0.05, f"{name!r} ends at {left:.2g} of its distance, bound 0.05"

    def test_unmatched_tensors_stay(self) -> None:
        """A tensor that no pattern selects comes back bit-identical, and none is lost or added."""
        start = _start(self.untouched)
        fit = self.component.fit(_Quadratic(), start, _ignore)
        assert set(fit.parameters) == set(start), f"names changed: {sorted(set(fit.parameters) ^ set(start))}"
        assert torch.equal(fit.parameters[self.untouched], start[self.untouched]), f"{self.untouched!r} changed"

    def test_leaves_its_inputs_alone(self) -> None:
        """The start tensors do not change, and results carry no gradient history and the same dtype and shape."""
        start = _start(self.untouched)
        kept = {name: value.clone() for name, value in start.items()}
        fit = self.component.fit(_Quadratic(), start, _ignore)
        for name, value in start.items():
            assert torch.equal(value, kept[name]), f"the start of {name!r} was changed in place"
            found = fit.parameters[name]
            assert not found.requires_grad, f"{name!r} carries gradient history"
            assert (found.dtype, found.shape) == (value.dtype, value.shape), f"{name!r} became {found.dtype}"

    def test_never_ends_worse_than_it_began(self) -> None:
        """Started at the minimum, it stays there."""
        start = {name: _target(name, value) for name, value in _start(self.untouched).items()}
        fit = self.component.fit(_Quadratic(), start, _ignore)
        worst = max(_distance(value, name) for name, value in fit.parameters.items())
        assert worst <= 1e-6, f"a tensor left the minimum by {worst:.2g}, bound 1e-6"

    def test_reproducible(self) -> None:
        """The same start gives the same bits."""
        first, second = (self.component.fit(_Quadratic(), _start(self.untouched), _ignore) for _ in range(2))
        for name, value in first.parameters.items():
            assert torch.equal(value, second.parameters[name]), f"two fits differ in {name!r}"

    def test_reports_its_steps(self) -> None:
        """Steps are reported in order, counted from one in each phase, with finite losses and the terms asked for."""
        steps: list[FitStep] = []
        self.component.fit(_Quadratic(), _start(self.untouched), steps.append)
        assert steps, "no step was reported"
        phase, last = "", 0
        for step in steps:
            last = 1 if step.phase != phase else last + 1
            phase = step.phase
            assert step.step == last, f"phase {phase!r} reports step {step.step} instead of {last}"
            assert step.step <= step.steps, f"phase {phase!r} reports step {step.step} of {step.steps}"
            assert torch.tensor(step.loss).isfinite(), f"phase {phase!r} reports a loss of {step.loss}"
            assert step.terms, f"phase {phase!r} reports no terms"

    def test_stops_on_a_term_that_is_not_finite(self) -> None:
        """A term that becomes NaN ends the fit with a FitError that names the term."""
        objective = _Quadratic(poison_after=3)
        error = _refusal(self.component, objective, _start(self.untouched))
        assert error, "a term that is not a number did not stop the fit"
        assert objective.poisoned in error, f"the error does not name {objective.poisoned!r}: {error}"

    def test_stops_on_a_gradient_that_is_not_finite(self) -> None:
        """A gradient that is NaN ends the fit with a FitError that names the tensor."""
        if not self.component.needs_gradients:
            raise not_claimed("to need gradients")
        start = _start(self.untouched)
        error = _refusal(self.component, _Cornered(), start)
        assert error, "a gradient that is not a number did not stop the fit"
        assert any(name in error for name in start), f"the error names no tensor: {error}"


class _Quadratic:
    """Half the squared distance to a target, along axes of different steepness, whatever term is asked for."""

    def __init__(self, poison_after: int | None = None) -> None:
        self.calls, self.poison_after, self.poisoned = 0, poison_after, ""

    def __call__(self, parameters: Mapping[str, Tensor], terms: Collection[str], level: int = 0) -> dict[str, Tensor]:
        self.calls += 1
        total = torch.stack([_bowl(name, value) for name, value in parameters.items()]).sum()
        values = dict.fromkeys(terms, total)
        if self.poison_after is not None and self.calls > self.poison_after:
            self.poisoned = self.poisoned or next(iter(terms))
            values[self.poisoned] = total * float("nan")
        return values


class _Cornered:
    """A finite loss whose gradient at the start is 0 / 0."""

    def __call__(self, parameters: Mapping[str, Tensor], terms: Collection[str], level: int = 0) -> dict[str, Tensor]:
        total = torch.stack([(value - value.detach()).square().sum().sqrt() for value in parameters.values()]).sum()
        return dict.fromkeys(terms, total)


def _refusal(schedule: Schedule, objective: Objective, start: dict[str, Tensor]) -> str:
    """Return the text of the FitError with which a fit ends, or nothing if it does not."""
    try:
        schedule.fit(objective, start, _ignore)
    except FitError as error:
        return str(error)
    return ""


def _start(untouched: str) -> dict[str, Tensor]:
    shapes: dict[str, tuple[int, ...]] = {
        "objects.0.pose.translation": (3,),
        "objects.0.pose.rotation": (3,),
        "objects.0.scale": (3,),
        "objects.0.material.color": (3,),
        "objects.0.material.ambient": (),
        "objects.0.deformation.cage": (4, 3),
        "lights.0.position": (3,),
        "lights.0.intensity": (3,),
        "plane.material.color": (3,),
        untouched: (2,),
    }
    return {name: torch.full(shape, 0.5, dtype=torch.float64) for name, shape in shapes.items()}


def _target(name: str, value: Tensor) -> Tensor:
    ramp = torch.arange(1, value.numel() + 1, dtype=value.dtype).reshape(value.shape)
    return 0.5 + 0.02 * ramp * (-1) ** len(name)


def _bowl(name: str, value: Tensor) -> Tensor:
    steepness = torch.linspace(1, 4, max(1, value.numel())).to(value).reshape(value.shape)
    return 50 * (steepness * (value - _target(name, value)).square()).sum()


def _distance(value: Tensor, name: str) -> float:
    return float((value - _target(name, value)).norm())


def _ignore(step: FitStep) -> None:
    """Report to nobody."""
