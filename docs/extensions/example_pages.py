"""One page for every numbered example: its docstring is the text, its code follows."""

from __future__ import annotations

import ast
from pathlib import Path


def write(examples: Path, target: Path) -> None:
    """Write a page for every script in `examples` and an index of them."""
    target.mkdir(parents=True)
    scripts = sorted(examples.glob("[0-9][0-9]_*.py"))
    for script in scripts:
        (target / f"{script.stem}.md").write_text(_page(script))
    entries = "\n".join(script.stem for script in scripts)
    introduction = "Flat scripts, each short enough to read whole; every one runs in the project's checks."
    (target / "index.md").write_text(f"# Examples\n\n{introduction}\n\n```{{toctree}}\n{entries}\n```\n")


def _page(script: Path) -> str:
    source = script.read_text()
    docstring = ast.get_docstring(ast.parse(source))
    if docstring is None:
        raise ValueError(f"{script.name} has no docstring to make its page from")
    title, _, text = docstring.partition("\n")
    code = source.split('"""', 2)[2].strip()
    return f"# {title.rstrip('.')}\n\n{text.strip()}\n\n`examples/{script.name}`:\n\n```python\n{code}\n```\n"
