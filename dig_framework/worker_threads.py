"""Kernels on several threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_lock = threading.Lock()
_pools: dict[int, ThreadPoolExecutor] = {}


def spread(function: Callable[..., Any], *arguments: Any) -> None:
    """Call `function(part, parts, *arguments)` for every part from 0 to parts - 1, each on a thread of its own.

    There are as many parts as `numba.get_num_threads()` says. The function must let go of Python's lock to gain from
    it, as kernels do, and no two parts may write to the same place.
    """
    import numba

    parts = numba.get_num_threads()
    if parts == 1:
        function(0, 1, *arguments)
        return
    others = [_pool().submit(function, part, parts, *arguments) for part in range(1, parts)]
    try:
        function(0, parts, *arguments)
    finally:
        for other in others:
            other.result()


def _pool() -> ThreadPoolExecutor:
    """Return the threads of this process; a fork has none of its parent's."""
    process = os.getpid()
    with _lock:
        if process not in _pools:
            _pools.clear()
            _pools[process] = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="kernel")
        return _pools[process]
