"""Begin a distribution: a copy of the example that offers one component for one slot and passes its suite."""

from __future__ import annotations

import builtins
import importlib.metadata
import importlib.util
import keyword
import re
from pathlib import Path

from dig_framework import plugins
from dig_framework.errors import ComponentError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_plugin(name: str, slot: str, into: Path) -> Path:
    """Write a distribution that is installable and passes its tests as it is; return its folder.

    Args:
        name: Of the distribution and of the component, such as `my-renderer`; the module is `my_renderer`, the class
            `MyRenderer`.
        slot: What the component is for.
        into: Folder to make.

    Raises:
        ComponentError: If the name cannot be one or is taken, or the folder holds something.
    """
    _check_name(name, slot)
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise ComponentError(f"{into} is not empty; give an empty or a new folder with --into.")
    module, example = name.replace("-", "_"), template_folder()
    sources = {
        "pyproject.toml": _of_slot((example / "pyproject.toml").read_text("utf-8"), slot),
        "README.md": (example / "README.md").read_text("utf-8"),
        f"src/{module}/__init__.py": (example / "src" / "dig_example" / f"{slot}.py").read_text("utf-8"),
        f"tests/test_{module}.py": (example / "tests" / f"test_{slot}.py").read_text("utf-8"),
    }
    _check_class(name, "".join(sources.values()))
    for path, text in sources.items():
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_renamed(text, name, slot), "utf-8")
    return into


def template_folder() -> Path:
    """Return the folder of the example distribution: in an installed package, or in the source tree.

    Raises:
        ComponentError: If it is in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / "templates" / "plugin", package.parent / "examples" / "plugin"):
        if (folder / "pyproject.toml").is_file():
            return folder
    raise ComponentError(f"the plugin template is not in {package}; install dig-framework again.")


def _check_name(name: str, slot: str) -> None:
    if not _NAME.fullmatch(name):
        raise ComponentError(f"{name!r} is no name for a distribution; use small letters, digits and single hyphens.")
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or keyword.iskeyword(_class_name(name)):
        raise ComponentError(f"{name!r} is a word of Python itself; choose another name, such as 'my-{name}'.")
    if importlib.util.find_spec(module) is not None:
        raise ComponentError(f"there already is a module {module!r}; choose another name, such as 'my-{name}'.")
    if any(offer.name == name for offer in plugins.offers(slot)):
        raise ComponentError(f"there already is a {slot} called {name!r}; choose another name, such as 'my-{name}'.")


def _check_class(name: str, template: str) -> None:
    """Refuse a class whose name already means something in its module."""
    word = _class_name(name)
    if hasattr(builtins, word) or re.search(rf"\b{word}\b", template):
        raise ComponentError(
            f"{name!r} would make a class {word!r}, which already means something there; choose another name, such "
            f"as 'my-{name}'."
        )


def _class_name(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _of_slot(project: str, slot: str) -> str:
    """Return a pyproject.toml with the entry points of one slot only."""
    sections = re.split(r"(?m)^(?=\[)", project)
    others = {f'[project.entry-points."dig_framework.{other}"]' for other in plugins.SLOTS if other != slot}
    return "".join(section for section in sections if section.partition("\n")[0] not in others)


def _renamed(text: str, name: str, slot: str) -> str:
    module = name.replace("-", "_")
    changes = {
        f"dig_example.{slot}": module,
        f"Example{slot.capitalize()}": _class_name(name),
        "dig-example": name,
        "dig_example": module,
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    return text
