from collections.abc import Callable, Mapping

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from dig_framework.builtin.schedule_derivative_free import DerivativeFree
from dig_framework.builtin.schedule_phases import Phase, Phases
from dig_framework.errors import FitError
from dig_framework.interfaces.schedule import Fit, FitStep, Objective, Schedule
from dig_framework.testing.schedule_conformance import ScheduleConformance


class TestPhases(ScheduleConformance):
    component = Phases()


class TestLbfgs(ScheduleConformance):
    component = Phases(
        phases=(
            Phase(name="light", optimizer="lbfgs", steps=30, parameters=("lights.*",), loss={"rgb": 2}),
            Phase(name="shape", optimizer="lbfgs", steps=30, parameters=("objects.*.pose.*",), loss={"depth": 1}),
        )
    )


class TestAdamw(ScheduleConformance):
    component = Phases(
        phases=(
            Phase(
                name="mesh",
                optimizer="adamw",
                steps=400,
                lr=5e-3,
                parameters=("objects.*.deformation.*",),
                loss={"depth": 1, "volume": 0.5},
            ),
        )
    )


class TestPowell(ScheduleConformance):
    component = DerivativeFree()


class TestNelderMead(ScheduleConformance):
    component = DerivativeFree(method="nelder-mead", parameters=("objects.*.pose.translation",))


class Forgetful(Schedule):
    """Wrong on purpose: swallows NaN, touches everything and reports nothing."""

    def fit(self, objective: Objective, parameters: Mapping[str, Tensor], report: Callable[[FitStep], None]) -> Fit:
        objective(parameters, ["depth"])
        return Fit({name: value + torch.rand(value.shape) for name, value in parameters.items()}, True)


@pytest.mark.parametrize("check", [name for name in ScheduleConformance.checks() if "inputs" not in name])
def test_wrong_schedule_fails(check: str):
    suite = type("Suite", (ScheduleConformance,), {"component": Forgetful()})()
    with pytest.raises(AssertionError):
        getattr(suite, check)()


def rosenbrock(parameters: Mapping[str, Tensor], terms: object, level: int = 0) -> dict[str, Tensor]:
    x, y = parameters["point"]
    return {"valley": (1 - x) ** 2 + 100 * (y - x**2) ** 2}


def steps_of(schedule: Schedule, objective: Objective, start: dict[str, Tensor]) -> tuple[Fit, list[FitStep]]:
    steps: list[FitStep] = []
    return schedule.fit(objective, start, steps.append), steps


def test_lbfgs_goes_down_a_bent_valley():
    phase = Phase(name="down", optimizer="lbfgs", steps=80, parameters=("point",), loss={"valley": 1}, min_delta=1e-12)
    start = {"point": torch.tensor([-1.2, 1.0], dtype=torch.float64)}
    fit, steps = steps_of(Phases(phases=(phase,)), rosenbrock, start)
    torch.testing.assert_close(fit.parameters["point"], torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-6)
    assert fit.converged
    assert len(steps) < 60


def test_a_share_of_the_loss_ends_a_phase_at_any_scale_of_the_loss():
    """Adam on a valley a thousand times flatter stops at the same step and calls itself converged."""
    counts = []
    for factor in (1.0, 1e-3):

        def objective(parameters: Mapping[str, Tensor], terms: object, level: int = 0, factor: float = factor):
            return {"fit": factor * (1 + (parameters["x"] - 1).square().sum())}

        phase = Phase(
            name="x", steps=400, parameters=("x",), loss={"fit": 1}, lr=0.05, patience=8, min_delta=0, min_gain=0.01
        )
        fit, steps = steps_of(Phases(phases=(phase,)), objective, {"x": torch.zeros(2, dtype=torch.float64)})
        assert fit.converged
        assert torch.allclose(fit.parameters["x"], torch.ones(2, dtype=torch.float64), atol=0.3)
        counts.append(len(steps))
    assert abs(counts[0] - counts[1]) <= 1
    assert counts[0] < 100


def test_scales_make_unlike_units_alike():
    """Two unknowns a million times apart in steepness: with scales, L-BFGS needs a handful of steps."""

    def objective(parameters: Mapping[str, Tensor], terms: object, level: int = 0) -> dict[str, Tensor]:
        return {"fit": (1e3 * parameters["metres"] - 1) ** 2 + (1e-3 * parameters["pixels"] - 1) ** 2}

    phase = Phase(
        name="both",
        optimizer="lbfgs",
        steps=5,
        parameters=("*",),
        loss={"fit": 1},
        min_delta=0,
        scales={"metres": 1e-3, "pixels": 1e3},
    )
    start = {name: torch.zeros((), dtype=torch.float64) for name in ("metres", "pixels")}
    fit, _ = steps_of(Phases(phases=(phase,)), objective, start)
    assert float(fit.parameters["metres"]) == pytest.approx(1e-3, rel=1e-6)
    assert float(fit.parameters["pixels"]) == pytest.approx(1e3, rel=1e-6)


def test_only_adamw_shrinks_unknowns():
    """A steady slope: Adam walks lr a step; AdamW falls behind by decay times lr times where it is."""

    def slope(parameters: Mapping[str, Tensor], terms: object, level: int = 0) -> dict[str, Tensor]:
        return {"fit": -parameters["x"]}

    ends = {}
    for optimizer in ("adam", "adamw"):
        settings = {"optimizer": optimizer, "steps": 20, "lr": 0.1, "weight_decay": 0.5}
        phase = Phase.model_validate({"name": "x", "parameters": ["x"], "loss": {"fit": 1}, **settings})
        ends[optimizer] = float(steps_of(Phases(phases=(phase,)), slope, {"x": torch.zeros(())})[0].parameters["x"])
    expected = 0.0
    for _ in range(20):
        expected = expected * (1 - 0.1 * 0.5) + 0.1
    assert ends["adam"] == pytest.approx(2.0, rel=1e-4)
    assert ends["adamw"] == pytest.approx(expected, rel=1e-4)


def test_best_is_kept_when_the_loss_rises_again():
    """A loss that falls nowhere but at the third place."""
    calls: list[float] = []

    def objective(parameters: Mapping[str, Tensor], terms: object, level: int = 0) -> dict[str, Tensor]:
        x = parameters["x"]
        calls.append(float(x.detach()))
        return {"fit": (0.5 if len(calls) == 3 else float(len(calls))) + x - x.detach()}

    phase = Phase(name="walk", steps=8, lr=0.1, parameters=("x",), loss={"fit": 1})
    fit, steps = steps_of(Phases(phases=(phase,)), objective, {"x": torch.ones(())})
    assert float(fit.parameters["x"]) == calls[2]
    assert len(steps) == 8
    assert not fit.converged


def test_patience_ends_a_phase_early():
    def flat(parameters: Mapping[str, Tensor], terms: object, level: int = 0) -> dict[str, Tensor]:
        return {"fit": 1 + 0 * parameters["x"]}

    phase = Phase(name="flat", steps=100, patience=7, parameters=("x",), loss={"fit": 1})
    fit, steps = steps_of(Phases(phases=(phase,)), flat, {"x": torch.ones(())})
    assert len(steps) == 7
    assert fit.converged


def test_levels_and_terms_reach_the_objective():
    asked: list[tuple[set[str], int]] = []

    def objective(parameters: Mapping[str, Tensor], terms: list[str], level: int = 0) -> dict[str, Tensor]:
        asked.append((set(terms), level))
        return {name: parameters["x"] ** 2 for name in terms}

    phases = (
        Phase(name="coarse", steps=1, level=2, parameters=("x",), loss={"rgb": 1, "mask": 2}),
        Phase(name="fine", steps=1, level=0, parameters=("x",), loss={"depth": 1}),
    )
    steps_of(Phases(phases=phases), objective, {"x": torch.ones(())})
    assert ({"rgb", "mask"}, 2) in asked
    assert ({"depth"}, 0) in asked


def test_pattern_without_a_match_names_what_exists():
    phase = Phase(name="light", parameters=("light.*",), loss={"rgb": 1})
    start = {"lights.0.position": torch.zeros(3), "objects.11.pose.rotation": torch.zeros(3), "faces": torch.arange(3)}
    with pytest.raises(FitError) as caught:
        Phases(phases=(phase,)).fit(rosenbrock, start, lambda step: None)
    assert str(caught.value) == (
        "phase 'light': the pattern 'light.*' matches no tensor. There are: lights.*.position, "
        "objects.*.pose.rotation. Put it under 'optional' if a scene may lack it."
    )


def test_optional_patterns_may_match_nothing():
    phase = Phase(name="table", optional=("plane.material.*",), loss={"rgb": 1})
    fit, steps = steps_of(Phases(phases=(phase,)), rosenbrock, {"x": torch.ones(2)})
    assert steps == []
    assert torch.equal(fit.parameters["x"], torch.ones(2))


def test_unknown_term_is_named():
    phase = Phase(name="one", parameters=("point",), loss={"valey": 1})
    with pytest.raises(FitError, match="gives no term 'valey', only valley"):
        Phases(phases=(phase,)).fit(rosenbrock, {"point": torch.zeros(2)}, lambda step: None)


def test_schedule_is_data():
    text = {
        "type": "phases",
        "phases": [{"name": "light", "optimizer": "lbfgs", "parameters": ["lights.*"], "loss": {"rgb": 2.0}}],
    }
    schedule = Schedule.model_validate(text)
    assert isinstance(schedule, Phases)
    assert schedule.phases[0].optimizer == "lbfgs"
    assert Schedule.model_validate(schedule.model_dump(mode="json")) == schedule
    with pytest.raises(ValidationError, match="optimiser"):
        Phase.model_validate({"name": "x", "loss": {"rgb": 1}, "optimiser": "adam"})
