"""What an evaluation of a dataset is to do, and where its files are."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from dig_framework.atomic_files import read_json, write_atomic, write_json
from dig_framework.config import PipelineConfig
from dig_framework.config_reading import read_config
from dig_framework.errors import InputError, RunError
from dig_framework.evaluation.records import SceneRecord, from_json, to_json
from dig_framework.evaluation.sample_digest import digest_of
from dig_framework.interfaces.dataset import Dataset
from dig_framework.sources import source_digest

_PLAN = "plan.json"
_SOURCES = {"dig_framework.pipeline", "dig_framework.evaluation.scene_scores"}


@dataclasses.dataclass(frozen=True)
class Plan:
    """A dataset, a config, and a folder for what comes of them.

    The folder holds `plan.json`, `config.yaml`, `runs/NAME/`, `scores/NAME.json` and `logs/`.
    """

    folder: Path
    config: PipelineConfig
    dataset: Path
    reader: str | None
    settings: dict[str, Any]
    simulator: str | None
    cache: str | None
    """Folder of finished stages; "default" for the user's, None for none."""
    threads: int
    """Of each process."""
    saved_key: str | None = None
    """What `key` was when the plan was saved; None for a plan that was not read from a folder."""

    def save(self) -> None:
        """Write the plan, for the processes that carry it out.

        Raises:
            RunError: If the folder holds something else.
        """
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        if names and _PLAN not in names:
            raise RunError(f"{self.folder} holds files of something else ({names[0]}, ...); give another with --into.")
        write_atomic(self.folder / "config.yaml", self.config.to_yaml())
        values = {"dataset": str(self.dataset.resolve()), "reader": self.reader, "settings": self.settings,
                  "simulator": self.simulator, "cache": self.cache, "threads": self.threads,
                  "saved_key": self.key()}  # fmt: skip
        write_json(self.folder / _PLAN, values)

    @classmethod
    def load(cls, folder: Path) -> Plan:
        """Return the plan of a folder."""
        values = read_json(folder / _PLAN)
        return cls(folder, read_config(folder / "config.yaml"), Path(values.pop("dataset")), **values)

    def run(self, name: str) -> Path:
        """Return the run directory of an image."""
        return self.folder / "runs" / name

    def key(self) -> str:
        """Return letters that stand for everything that scores depend on, besides the dataset's files.

        Processes that carry a plan out take the letters of the one that saved it, whose sources may lie elsewhere.
        """
        if self.saved_key is not None:
            return self.saved_key
        parts = [self.config.to_yaml(), str(self.dataset.resolve()), self.reader, self.settings, self.simulator]
        modules = {type(value).__module__ for value in dict(self.config).values()}
        parts.append(source_digest(_SOURCES | {name for name in modules if name != "builtins"}))
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]

    def note(self, record: SceneRecord, key: str, digest: str) -> None:
        """Write the scores of an image whose files had a digest."""
        values = {"key": key, "digest": digest, "record": to_json(record)}
        write_json(self.folder / "scores" / f"{record.name}.json", values)

    def forget_changed(self, dataset: Dataset, name: str, key: str) -> None:
        """Delete the scores of an image if its files or its truth are not what they were."""
        if self.known(name, key) is None:
            return
        path = self.folder / "scores" / f"{name}.json"
        if read_json(path).get("digest") != digest_of(dataset, name):
            path.unlink()

    def known(self, name: str, key: str) -> SceneRecord | None:
        """Return the scores of an image if they are there and still hold."""
        path = self.folder / "scores" / f"{name}.json"
        try:
            values = read_json(path)
            return from_json(values["record"]) if values["key"] == key else None
        except (InputError, KeyError, TypeError):
            return None
