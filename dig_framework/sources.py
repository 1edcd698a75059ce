"""Which code a result depends on: digests of source files and versions of distributions."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

from dig_framework import plugins
from dig_framework.component import Component

_CORE = "dig_framework"


def code_identity(modules: tuple[str, ...], components: tuple[type[Component], ...]) -> dict[str, str]:
    """Return what must stay the same for a result to stay the same.

    Args:
        modules: Modules of the functions that compute it.
        components: Classes that they use.

    Returns:
        A digest of the source files of all these and of every module of the same packages that they import, by
        `source`, and the version of every distribution concerned and of its direct requirements, by name.
    """
    names = {*modules, *(component.__module__ for component in components)}
    distributions = {"dig-framework"}
    for component in components:
        offer = plugins.offer_of(component)
        if offer is not None:
            distributions.add(offer.distribution)
    versions = {name: version for owner in sorted(distributions) for name, version in _versions(owner).items()}
    return {"source": source_digest(names), **dict(sorted(versions.items()))}


def source_digest(modules: set[str]) -> str:
    """Return a hash of the source of modules and of all that they import from their own packages and the core."""
    roots = {_CORE, *(name.partition(".")[0] for name in modules)}
    files: dict[str, Path] = {}
    waiting = sorted(modules)
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in files or path is None or name.partition(".")[0] not in roots:
            continue
        files[name] = path
        waiting.extend(_imports(name, path, path.stat().st_mtime_ns))
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{_file_digest(path, path.stat().st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:32]


@functools.cache
def _versions(distribution: str) -> dict[str, str]:
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return {}
    versions = {distribution: found.version}
    for requirement in _required(distribution):
        try:
            versions[requirement] = importlib.metadata.version(requirement)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _required(distribution: str) -> list[str]:
    from packaging.requirements import Requirement

    lines = importlib.metadata.requires(distribution) or []
    requirements = [Requirement(line) for line in lines]
    return [item.name for item in requirements if item.marker is None or item.marker.evaluate({"extra": ""})]


@functools.cache
def _file_digest(path: Path, changed: int) -> str:
    # The time of the last change keeps the answer true in a session that outlives an edit.
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _file_of(name: str) -> Path | None:
    top, *rest = name.split(".")
    origin = getattr(sys.modules.get(top), "__file__", None)
    if origin is None:
        return None
    if not rest:
        return Path(origin)
    stem = Path(origin).parent.joinpath(*rest)
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


@functools.cache
def _imports(name: str, path: Path, changed: int) -> tuple[str, ...]:
    """Return the modules that a file may import, inside functions too, as far as its text shows."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return tuple(sorted(set(_imported_names(ast.parse(path.read_bytes()), package))))


def _imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue  # Types alone compute nothing.
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from _from_names(node, package)
        else:
            yield from _imported_names(node, package)


def _from_names(node: ast.ImportFrom, package: str) -> Iterator[str]:
    parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
    module = ".".join([*parents, *([node.module] if node.module else [])])
    yield module
    for alias in node.names:
        yield f"{module}.{alias.name}"
        # A package that imports its names on first use does not show in its text where they come from.
        home = getattr(getattr(sys.modules.get(module), alias.name, None), "__module__", None)
        if isinstance(home, str):
            yield home
