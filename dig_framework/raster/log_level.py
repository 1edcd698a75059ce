"""How much the primitives say about themselves."""

from __future__ import annotations

import logging

from dig_framework.errors import InputError

LOGGER = logging.getLogger("dig_framework.raster")
"""Receives what the primitives have to say."""

_LEVELS = (logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)

LOGGER.setLevel(logging.WARNING)


def get_log_level() -> int:
    """Return the least severity that is logged: 0 info, 1 warning, 2 error, 3 fatal."""
    return sum(LOGGER.level > level for level in _LEVELS)


def set_log_level(level: int) -> None:
    """Log nothing less severe than `level`: 0 info, 1 warning, 2 error, 3 fatal; the initial one is 1.

    Raises:
        InputError: If `level` is none of these.
    """
    if isinstance(level, bool) or level not in range(len(_LEVELS)):
        raise InputError(f"set_log_level takes 0 (info), 1 (warning), 2 (error) or 3 (fatal), not {level!r}.")
    LOGGER.setLevel(_LEVELS[level])
