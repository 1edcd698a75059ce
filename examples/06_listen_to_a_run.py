"""Listen to a run: progress, logs, live views.

Listeners are told what a run does, by name: any object with methods that carry the names of the hooks. They can neither
stop nor change it, and one that raises is reported once and left out. Installed listeners are asked for with
`dig-framework run ... --listen NAME`.
"""

from importlib.resources import files

import dig_framework as dig
from dig_framework.hooks import hookimpl
from dig_framework.interfaces import FitStep


class Losses:
    """Keeps the loss of every step, and says what it saw when a stage is finished."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.seen: list[float] = []

    @hookimpl
    def fit_step(self, step: FitStep) -> None:
        """Remember the weighted sum."""
        self.seen.append(step.loss)

    @hookimpl
    def stage_finished(self, stage: str, cached: bool, seconds: float) -> None:
        """Say how the stage went."""
        losses = f", loss {self.seen[0]:.3f} -> {min(self.seen):.3f}" if self.seen else ""
        print(f"{stage}: {'read back' if cached else f'{seconds:.1f} s'}{losses}")
        self.seen.clear()


observation = dig.load_observation(str(files("dig_framework") / "demo"))
run = dig.run_pipeline("quickstart", observation, "runs/listened", listeners=[Losses()])
print(f"{len(run.scene.objects)} objects, {sum(trial.success for trial in run.grasping.trials)} grasps that hold")
