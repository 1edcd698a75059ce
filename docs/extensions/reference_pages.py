"""One reference page for every public module of the package, grouped by folder."""

from __future__ import annotations

from pathlib import Path


def write(package: Path, target: Path) -> None:
    """Write a page for every public module below `package`, and an index."""
    target.mkdir(parents=True)
    groups: dict[str, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if any(part.startswith("_") and part != "__init__" for part in parts) or "template" in parts:
            continue
        name = ".".join([package.name, *(part for part in parts if part != "__init__")])
        groups.setdefault(parts[0] if len(parts) > 1 else "", []).append(name)
        (target / f"{name}.md").write_text(_page(name))
    (target / "index.md").write_text(_index(groups))


def _page(name: str) -> str:
    return f"# {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n```\n"


def _index(groups: dict[str, list[str]]) -> str:
    sections = ["# Reference", "Every public name, from the docstrings."]
    for folder, names in sorted(groups.items()):
        caption = f"dig_framework.{folder}" if folder else "dig_framework"
        sections.append(f"```{{toctree}}\n:maxdepth: 1\n:caption: {caption}\n" + "\n".join(names) + "\n```")
    return "\n\n".join(sections) + "\n"
