"""Reference pages: one for every public module at the top of the package, one for every folder below it."""

from __future__ import annotations

from pathlib import Path


def write(package: Path, target: Path) -> None:
    """Write the pages and an index of them."""
    target.mkdir(parents=True)
    modules = [_name(path, package) for path in sorted(package.rglob("*.py")) if _is_public(path, package)]
    top = [name for name in modules if name.count(".") == 1 and f"{name}." not in " ".join(modules)]
    folders = sorted({".".join(name.split(".")[:2]) for name in modules} - {*top, package.name})
    for name in top:
        (target / f"{name}.md").write_text(f"# {_short(name)}\n\n{_documented(name)}")
    for folder in folders:
        inside = [name for name in modules if name == folder or name.startswith(f"{folder}.")]
        sections = [f"## {_short(name)}\n\n{_documented(name)}" for name in inside]
        (target / f"{folder}.md").write_text(f"# {_short(folder)}\n\n" + "\n".join(sections))
    (target / "index.md").write_text(_index(top, folders))


def _is_public(path: Path, package: Path) -> bool:
    parts = path.relative_to(package).with_suffix("").parts
    return not any(part.startswith("_") and part != "__init__" for part in parts) and "template" not in parts


def _name(path: Path, package: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join([package.name, *(part for part in parts if part != "__init__")])


def _short(name: str) -> str:
    return name.partition(".")[2]


def _documented(name: str) -> str:
    return f"```{{eval-rst}}\n.. automodule:: {name}\n```\n"


def _index(top: list[str], folders: list[str]) -> str:
    sections = ["# Reference", "Every public name, from the docstrings."]
    for title, names in (("Modules", top), ("Packages", folders)):
        sections.append(f"## {title}\n\n```{{toctree}}\n:maxdepth: 1\n\n" + "\n".join(names) + "\n```")
    return "\n\n".join(sections) + "\n"
