"""What every conformance suite shares."""

from __future__ import annotations

import contextlib
import unittest
from collections.abc import Iterator, Mapping
from typing import ClassVar

from dig_framework.component import Component


class Conformance:
    """A suite of checks for one slot; subclass it in a test module and name the component.

        class TestSoftRenderer(RendererConformance):
            component = SoftRenderer()

    Each check is a method whose name starts with `test_`, takes nothing but `self` and fails by AssertionError, so
    pytest collects it, and `dig-framework plugins check` runs it without pytest. The first line of its docstring says
    what must hold.
    """

    component: ClassVar[Component]
    """What is checked."""

    @classmethod
    def checks(cls) -> list[str]:
        """Return the names of all checks, in the order of their definition, slot by slot."""
        names: dict[str, None] = {}
        for owner in reversed(cls.__mro__):
            names.update(dict.fromkeys(name for name in vars(owner) if name.startswith("test_")))
        return list(names)

    @classmethod
    @contextlib.contextmanager
    def inputs(cls, component: type[Component]) -> Iterator[Mapping[str, object]]:
        """Yield settings without which a class cannot be checked, such as a file; they last as long as the context."""
        yield {}


def check_claims(component: Component) -> None:
    """Fail if a number that the component claims is not positive, or more than twice what is usual in its slot.

    The usual number is the one that the slot's interface declares. Without this bound a component could claim so little
    that its checks check nothing.
    """
    slot_class = next(owner for owner in type(component).__mro__ if "slot" in vars(owner))
    for name in slot_class.__class_vars__:
        usual, claimed = getattr(slot_class, name), getattr(component, name)
        if isinstance(usual, float):
            assert 0 < claimed <= 2 * usual, f"{name} is {claimed}; above 0 and at most {2 * usual} is allowed"


def not_claimed(ability: str) -> unittest.SkipTest:
    """Return the exception to raise in a check of an ability that the component does not declare."""
    return unittest.SkipTest(f"does not claim {ability}")
