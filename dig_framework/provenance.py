"""Where a run came from: code, packages, command, machine."""

from __future__ import annotations

import datetime
import functools
import importlib.metadata
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from dig_framework import plugins
from dig_framework.config import PipelineConfig

_PATCH_LIMIT = 1_000_000


def provenance(config: PipelineConfig, input_digest: str, source: str | None) -> dict[str, Any]:
    """Return everything about this process that a reader of its results may ask for, as plain values.

    Args:
        config: What is run.
        input_digest: Hash of the observation.
        source: Folder that it was read from, if any.
    """
    return {
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "folder": os.getcwd(),
        "input": {"digest": input_digest, "source": source},
        "seed": config.seed,
        "components": _components(config),
        "git": _git(Path(__file__).parent),
        "packages": package_versions(),
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """Return a description of the machine and of the threads in use."""
    import torch

    return {
        "host": socket.gethostname(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "torch_threads": torch.get_num_threads(),
        "gpus": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
    }


@functools.cache
def package_versions() -> dict[str, str]:
    """Return the version of every installed distribution."""
    found = {item.name: item.version for item in importlib.metadata.distributions() if item.name}
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def _components(config: PipelineConfig) -> dict[str, str]:
    """Return where each component comes from: distribution and version, or file."""
    found: dict[str, str] = {}
    for name in type(config).model_fields:
        component = type(getattr(config, name))
        if hasattr(component, "slot"):
            offer = plugins.offer_of(component)
            module = sys.modules[component.__module__]
            found[name] = str(offer) if offer else f"{component.__qualname__} in {getattr(module, '__file__', '?')}"
    return found


def _git(folder: Path) -> dict[str, Any] | None:
    """Return commit and uncommitted changes of the source tree this package runs from, if it is one."""
    commit = _output(["git", "-C", str(folder), "rev-parse", "HEAD"])
    tracked = _output(["git", "-C", str(folder), "ls-files", "__init__.py"])
    if not commit or not tracked:
        return None
    patch = _output(["git", "-C", str(folder), "diff", "HEAD", "--", "."]) or ""
    return {"commit": commit, "patch": patch if len(patch) < _PATCH_LIMIT else f"{len(patch)} characters"}


def _output(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
