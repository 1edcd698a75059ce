"""Which code a result depends on: digests of source files and versions of distributions."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import site
import sys
import sysconfig
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
        A digest of the source files of all these and of every module that they import from their own packages, the
        core, or anywhere besides the standard library and installed packages, by `source`, and the version of every
        distribution concerned and of its direct requirements, by name.
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
    """Return a hash of the source of modules and of all that they import, as far as it may change without a version.

    Followed are their own packages, the core, and every module that is neither of the standard library nor installed.
    """
    roots = {_CORE, *(name.partition(".")[0] for name in modules)}
    files: dict[str, Path] = {}
    seen: set[str] = set()
    waiting = sorted(modules)
    while waiting:
        name = waiting.pop()
        path = None if name in seen else _file_of(name)
        seen.add(name)
        top, _, rest = name.partition(".")
        if path is None or (top not in roots and _is_installed(path)):
            continue
        files[name] = path
        waiting.extend(_imports(name, path, path.stat().st_mtime_ns))
        if rest and top != _CORE:
            waiting.append(name.rpartition(".")[0])  # A package runs before what is in it.
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


def _file_of(name: str) -> Path | None:
    """Return the source of a module, imported or not, or None if there is none; imports nothing."""
    top, *rest = name.split(".")
    origin, folders = _place_of(top)
    if not rest:
        return Path(origin) if origin and Path(origin).is_file() else None
    stems = [Path(folder).joinpath(*rest) for folder in folders]
    candidates = [path for stem in stems for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py"))]
    return next((path for path in candidates if path.is_file()), None)


def _place_of(top: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the file of a module that is in no package, and the folders of its own modules if it is a package."""
    module = sys.modules.get(top)
    if module is not None:
        return getattr(module, "__file__", None), tuple(getattr(module, "__path__", ()))
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None, ()
    return (None, ()) if spec is None else (spec.origin, tuple(spec.submodule_search_locations or ()))


@functools.cache
def _is_installed(path: Path) -> bool:
    """Return whether a file is of the standard library or of an installed package, whose version stands for it."""
    if {"site-packages", "dist-packages"} & set(path.parts):
        return True
    places = {*(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
              *site.getsitepackages(), site.getusersitepackages()}  # fmt: skip
    return any(path.resolve().is_relative_to(Path(place).resolve()) for place in places)


@functools.cache
def _imports(name: str, path: Path, changed: int) -> tuple[str, ...]:
    """Return the modules that a file may import, inside functions too, as far as its text shows."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ()  # A compiled module, or one that does not import either.
    return tuple(sorted(set(_imported_names(tree, package)) - {""}))


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
