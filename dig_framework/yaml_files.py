"""Plain YAML: no tags, floats as anybody writes them, keys in the order given."""

from __future__ import annotations

import re
from typing import Any

import yaml

_FLOAT = re.compile(
    r"^(?:[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
    r"|[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads `1e-3` as text for want of a dot; YAML 1.2 and everybody's expectation is a number."""


class _Dumper(yaml.SafeDumper):
    """Quotes text that would read back as a number."""


for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML document.

    Raises:
        yaml.YAMLError: If it is none, or holds a tag; the error knows line and column.
    """
    # The loader derives from SafeLoader, so no tag can make an object.
    return yaml.load(text, Loader=_Loader)


def format_yaml(value: Any) -> str:
    """Return a YAML document of plain values; short lists of numbers stay on one line."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
