"""Loss curves as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from dig_framework.atomic_files import write_atomic
from dig_framework.interfaces import FitStep


def save_losses(steps: Sequence[FitStep], path: Path) -> None:
    """Write one row a step: its number in the whole fit, phase, step in the phase, weighted loss, unweighted terms.

    A term that a step did not have is left empty.
    """
    terms = list(dict.fromkeys(name for step in steps for name in step.terms))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["iteration", "phase", "step", "loss", *terms])
    for iteration, step in enumerate(steps, 1):
        values = [repr(step.terms[name]) if name in step.terms else "" for name in terms]
        writer.writerow([iteration, step.phase, step.step, repr(step.loss), *values])
    write_atomic(path, stream.getvalue())
