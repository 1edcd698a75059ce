"""What every conformance suite shares."""

from __future__ import annotations

import unittest
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


def not_claimed(ability: str) -> unittest.SkipTest:
    """Return the exception to raise in a check of an ability that the component does not declare."""
    return unittest.SkipTest(f"does not claim {ability}")
