"""What one change of a config costs: every file of a folder against `reference`, on the same images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dig_framework.bench.reconstruction_conditions import Condition, Source
from dig_framework.bench.reconstruction_methods import Method, method_of
from dig_framework.bench.reconstruction_runs import Judged
from dig_framework.bench.reconstruction_tables import change_row, figures_of, seconds_of
from dig_framework.bench.table import Cell, Table
from dig_framework.config_reading import read_config
from dig_framework.errors import InputError

BASE = "reference"


def ablation_tables(
    folder: Path,
    conditions: Sequence[Condition],
    source: Source,
    judged: Callable[[Condition, Sequence[Method]], dict[str, list[Judged]]],
) -> Iterator[Table]:
    """Yield a table a condition: each config's final scenes against those of the base, object by object.

    Args:
        folder: Configs.
        conditions: Where they are compared.
        source: Of images.
        judged: Runs methods under a condition and returns the scores by method and stage.

    Raises:
        InputError: If the folder holds no config.
    """
    methods = [method_of(BASE, read_config(BASE)), *ablation_methods(folder)]
    last = [method._replace(stages=method.stages[-1:]) for method in methods]
    for condition in conditions:
        rows = judged(condition, last)
        found = [_row(name, rows[BASE], rows[name]) for name in (method.name for method in last)]
        note = "Changes against the first row, paired by object; 95 % bootstrap intervals over scenes."
        yield Table(f"What one change costs ({condition.name}), {source.count} scenes", tuple(found), note)


def ablation_methods(folder: Path) -> list[Method]:
    """Return the configs of a folder by file name.

    Raises:
        InputError: If there is none.
        ConfigError: If one does not fit.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError(f"{folder}: holds no .yaml file; give a folder of configs, such as examples/ablations.")
    return [method_of(path.stem, read_config(path)) for path in paths]


def _row(name: str, base: Sequence[Judged], changed: Sequence[Judged]) -> dict[str, Cell]:
    figures = figures_of(changed)
    shown: dict[str, Cell] = {"config": name, "vIoU mean": figures["iou"].mean, "seconds": seconds_of(changed)}
    if changed is base or name == BASE:
        return shown
    return shown | {key: value for key, value in change_row(base, changed).items() if key != "pays"}
