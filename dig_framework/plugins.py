"""Find, load and explain components by slot and name, from the entry points of installed distributions."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.metadata
from typing import TYPE_CHECKING

from dig_framework.errors import ComponentError

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
    "launcher",
)
"""Every slot, in the order in which a pipeline meets them; the entry-point group is `dig_framework.SLOT`."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """One component that an installed distribution offers; known without importing it."""

    slot: str
    name: str
    value: str
    """Where it is, as `module:Class`."""
    distribution: str
    version: str

    def load(self) -> type[Component]:
        """Import the class.

        Raises:
            ComponentError: If it does not import or is no component of its slot; names the distribution.
        """
        origin = f"{self.slot} {self.name!r} of {self.distribution} {self.version}"
        return _checked(self.slot, _imported(self.value, origin), origin)


def offers(slot: str | None = None) -> list[Offer]:
    """Return what is installed, by slot and name, from package metadata alone."""
    found: set[Offer] = set()
    wanted = SLOTS if slot is None else (slot,)
    for distribution in importlib.metadata.distributions():
        for entry in distribution.entry_points:
            group, _, kind = entry.group.partition(".")
            if group == "dig_framework" and kind in wanted:
                found.add(Offer(kind, entry.name, entry.value, distribution.name, distribution.version))
    return sorted(found, key=lambda offer: (SLOTS.index(offer.slot), offer.name, offer.distribution))


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
        raise ComponentError(_unknown(slot, name, sorted({offer.name for offer in installed})))
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
    return _checked(slot, _imported(type_name, origin), origin)


def name_of(component: type[Component]) -> str:
    """Return the installed name of a component class, or `module:Class` if no distribution offers it."""
    value = f"{component.__module__}:{component.__qualname__}"
    for offer in offers(component.slot):
        if offer.value == value:
            return offer.name
    return value


def _unknown(slot: str, name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"no {slot} is called {name!r}.{hint} Installed: {', '.join(names) or 'none'}."


def _imported(value: str, origin: str) -> object:
    module_name, _, attribute = value.partition(":")
    try:
        found: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # A third party's module may fail in any way; only its own name suffers.
        raise ComponentError(f"{origin} does not import: {type(error).__name__}: {error}") from error
    return found


def _checked(slot: str, found: object, origin: str) -> type[Component]:
    from dig_framework.component import Component

    if not (isinstance(found, type) and issubclass(found, Component)):
        raise ComponentError(f"{origin} is no Component class; derive it from dig_framework.interfaces.")
    if found.slot != slot:
        raise ComponentError(f"{origin} is a {found.slot or 'component without a slot'}, not a {slot}.")
    return found
