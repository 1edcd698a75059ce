"""What is installed, what does not work, and why."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from dig_framework import __version__, plugins
from dig_framework.cache import Cache, cache_limit, default_cache
from dig_framework.cache_entries import cache_entries
from dig_framework.errors import ComponentError, UsageError
from dig_framework.kernel_folder import kernel_folder, kernel_places


class Finding(NamedTuple):
    """One thing that was looked at."""

    topic: str
    name: str
    text: str
    verdict: str
    """`fine`, `note` for what may surprise, `broken` for what must be put right."""


def examine() -> list[Finding]:
    """Look at everything; imports every installed component, and none can stop the others."""
    parts: tuple[Callable[[], Iterator[Finding]], ...] = (_machine, _packages, _components, _numba, _folders)
    return [finding for part in parts for finding in part()]


def _machine() -> Iterator[Finding]:
    from dig_framework.provenance import machine

    facts = machine()
    yield Finding("machine", "system", str(facts["system"]), "fine")
    yield Finding("machine", "processor", f"{facts['processor']}, {facts['cores']} cores to use", "fine")
    memory = float(facts["memory_gib"])
    yield Finding("machine", "memory", f"{memory:.1f} GiB", "fine" if memory >= 3.5 else "note")
    yield Finding("machine", "gpu", ", ".join(facts["gpus"]) or "none; nothing built in needs one", "fine")
    threads = int(facts["torch_threads"])
    crowded = threads > int(facts["cores"])
    hint = "; set OMP_NUM_THREADS to the number of cores" if crowded else ""
    yield Finding("machine", "threads", f"torch uses {threads}{hint}", "note" if crowded else "fine")


def _packages() -> Iterator[Finding]:
    from packaging.requirements import Requirement

    yield Finding("package", "dig-framework", f"{__version__} in {Path(__file__).parent}", "fine")
    for line in importlib.metadata.requires("dig-framework") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding("package", wanted.name, f"is not installed; pip install '{line}'", "broken")
            continue
        fits = wanted.specifier.contains(version, prereleases=True)
        text = version if fits else f"{version}, but {wanted.specifier} is needed; pip install '{line}'"
        yield Finding("package", wanted.name, text, "fine" if fits else "broken")


def _components() -> Iterator[Finding]:
    for offer in plugins.offers():
        name = f"{offer.slot} {offer.name}"
        try:
            if offer.slot in plugins.SLOTS:
                plugins.find(offer.slot, offer.name).load()
            else:
                offer.load_object()
        except ComponentError as error:
            yield Finding("component", name, str(error), "broken")
        else:
            yield Finding("component", name, f"{offer.distribution} {offer.version}", "fine")


def _numba() -> Iterator[Finding]:
    """Say where compiled functions are kept: without a place, every process compiles them again."""
    folder = kernel_folder()
    tried = " and ".join(str(place) for place in kernel_places())
    text = f"{tried} cannot be written; set NUMBA_CACHE_DIR" if folder is None else f"kernels are kept in {folder}"
    yield Finding("numba", "cache", text, "note" if folder is None else "fine")


def _folders() -> Iterator[Finding]:
    yield _cache()
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    yield Finding("disk", "free here", f"{free:.1f} GiB", "fine" if free > 1 else "note")


def _cache() -> Finding:
    folder = default_cache()
    entries = cache_entries(folder)
    text = f"{folder}: {len(entries)} finished stages, {sum(entry.size for entry in entries) / 1e9:.2f} GB"
    try:
        limit = f"{cache_limit() / 1e9:g} GB"
        problem = Cache(folder).problem()
        if problem:
            return Finding("disk", "stage cache", problem, "broken")
    except UsageError as error:
        return Finding("disk", "stage cache", f"{text}; {error}", "broken")
    return Finding(
        "disk", "stage cache", f"{text} of at most {limit} (DIG_CACHE_GB); --empty-cache deletes them", "fine"
    )
