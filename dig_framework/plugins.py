"""Find, load and explain components by slot and name, from the entry points of installed distributions."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import importlib
import importlib.metadata
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dig_framework.errors import ComponentError, ComponentUsageError

if TYPE_CHECKING:
    from dig_framework.component import Component

SLOTS = (
    "segmenter",
    "shape",
    "renderer",
    "deformation",
    "schedule",
    "policy",
    "simulator",
    "robot",
    "detector",
    "camera",
    "dataset",
    "launcher",
)
"""Every slot, in the order in which a pipeline meets them; the entry-point group is `dig_framework.SLOT`."""

GROUPS = (*SLOTS, "listener")
"""Every entry-point group, without its prefix: the slots, and the listeners of `dig_framework.hooks`."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """One component or listener that an installed distribution offers; known without importing it."""

    slot: str
    name: str
    value: str
    """Where it is, as `module:Class`."""
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.slot} {self.name!r} of {self.distribution} {self.version}"

    def load(self) -> type[Component]:
        """Import the class.

        Raises:
            ComponentError: If its distribution needs another dig-framework, or it does not import, or it is no
                component of its slot; names the distribution and the version.
        """
        return _checked(self.slot, self.load_object(), str(self))

    def load_object(self) -> object:
        """Import whatever is offered, without asking what it is.

        Raises:
            ComponentError: If its distribution needs another dig-framework, or it does not import.
        """
        _check_requirement(self)
        return import_named(self.value, str(self))


def offers(slot: str | None = None) -> list[Offer]:
    """Return what is installed, by slot and name, from package metadata alone.

    Raises:
        ComponentError: If there is no such slot.
    """
    if slot is not None and slot not in GROUPS:
        raise ComponentUsageError(f"no slot is called {slot!r}.{did_you_mean(slot, GROUPS)} Slots: {', '.join(SLOTS)}.")
    return [offer for offer in _installed(tuple(sys.path)) if slot is None or offer.slot == slot]


def find(slot: str, name: str) -> Offer:
    """Return the one offer of that name.

    Raises:
        ComponentError: If no distribution or more than one offers it; says what exists.
    """
    installed = offers(slot)
    matches = [offer for offer in installed if offer.name == name]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        names = sorted({offer.name for offer in installed})
        hint = did_you_mean(name, names)
        raise ComponentUsageError(f"no {slot} is called {name!r}.{hint} Installed: {', '.join(names) or 'none'}.")
    owners = " and ".join(offer.distribution for offer in matches)
    raise ComponentError(f"{slot} {name!r} is offered by {owners}. Uninstall one, or give 'module:Class'.")


def load(slot: str, type_name: str) -> type[Component]:
    """Return the component class for an installed name or for `module:Class`.

    Raises:
        ComponentError: If there is none, it does not import, or it is of another slot.
    """
    if ":" not in type_name:
        return find(slot, type_name).load()
    origin = f"{slot} {type_name!r}"
    return _checked(slot, import_named(type_name, origin), origin)


def offer_of(component: type[Component]) -> Offer | None:
    """Return the installed offer of a component class, or None if no distribution offers it."""
    for offer in offers(component.slot):
        if _present(offer.value) is component:
            return offer
    return None


def name_of(component: type[Component]) -> str:
    """Return the installed name of a component class, or `module:Class` if no distribution offers it."""
    offer = offer_of(component)
    if offer is not None and _is_unique(offer):
        return offer.name
    module = component.__module__
    if module == "__main__":
        # A script's own classes are found again by the script's name, which `__main__` hides.
        module = Path(getattr(sys.modules["__main__"], "__file__", None) or "__main__").stem
    return f"{module}:{component.__qualname__}"


def _is_unique(offer: Offer) -> bool:
    """Return whether the offer's name leads to it alone."""
    return sum(other.name == offer.name for other in offers(offer.slot)) == 1


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """Return ` Did you mean 'x'?` for the nearest of some names, or nothing if none is near."""
    close = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


@functools.cache
def _installed(path: tuple[str, ...]) -> tuple[Offer, ...]:
    found: list[Offer] = []
    seen: set[str] = set()
    for distribution in importlib.metadata.distributions(path=list(path)):
        # Reading a distribution's name parses all its metadata, so most are passed over before that.
        if "dig_framework." not in (distribution.read_text("entry_points.txt") or ""):
            continue
        owner = re.sub(r"[-_.]+", "-", distribution.name or "").lower()
        if owner in seen:
            continue  # The first on the path is the one that imports; a later copy is shadowed.
        seen.add(owner)
        for entry in distribution.entry_points:
            prefix, _, group = entry.group.partition(".")
            if prefix == "dig_framework" and group in GROUPS:
                offer = Offer(group, entry.name, entry.value, distribution.name, distribution.version)
                found.append(offer)
    return tuple(sorted(found, key=lambda offer: (GROUPS.index(offer.slot), offer.name, offer.distribution)))


def _present(value: str) -> object:
    """Return what an entry point names if its module is already imported; never imports."""
    module_name, _, attribute = value.partition(":")
    found: object = sys.modules.get(module_name)
    for part in attribute.split("."):
        found = getattr(found, part, None)
    return found


def _check_requirement(offer: Offer) -> None:
    from packaging.requirements import InvalidRequirement, Requirement

    from dig_framework import __version__

    for line in importlib.metadata.distribution(offer.distribution).requires or []:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        ours = re.sub(r"[-_.]+", "-", requirement.name).lower() == "dig-framework"
        if ours and not requirement.specifier.contains(__version__, prereleases=True):
            raise ComponentError(
                f"{offer} needs dig-framework{requirement.specifier}, but {__version__} is installed. "
                f"Install another version of {offer.distribution} or of dig-framework."
            )


def import_named(value: str, origin: str) -> object:
    """Return what `module:attribute` names.

    Raises:
        ComponentError: If it does not import; starts with `origin`.
    """
    module_name, _, attribute = value.partition(":")
    try:
        found: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # A third party's module may fail in any way; only its own name suffers.
        raise ComponentError(f"{origin} does not import: {type(error).__name__}: {error}") from error
    return found


def _checked(slot: str, found: object, origin: str) -> type[Component]:
    import inspect

    from dig_framework.component import Component

    if not (isinstance(found, type) and issubclass(found, Component)):
        raise ComponentError(f"{origin} is no Component class; derive it from dig_framework.interfaces.")
    if found.slot != slot:
        raise ComponentError(f"{origin} is a {found.slot or 'component without a slot'}, not a {slot}.")
    if inspect.isabstract(found):
        missing = ", ".join(sorted(found.__abstractmethods__))
        raise ComponentError(f"{origin} is abstract; it lacks: {missing}.")
    return found
