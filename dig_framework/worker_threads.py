"""Kernels on several threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

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


def mapped(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return a function's results for items, in their order, computed on as many threads as kernels may use.

    Results do not depend on how many these are if calls do not depend on each other. The first error, in the order of
    the items, is raised.
    """
    import numba

    threads = min(numba.get_num_threads(), len(items))
    if threads < 2:
        return [function(item) for item in items]
    # Not the threads of kernels: an item that waits for those would wait for itself.
    with ThreadPoolExecutor(threads, thread_name_prefix="item") as pool:
        return list(pool.map(function, items))


def _pool() -> ThreadPoolExecutor:
    """Return the threads of this process; a fork has none of its parent's."""
    process = os.getpid()
    with _lock:
        if process not in _pools:
            _pools.clear()
            _pools[process] = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="kernel")
        return _pools[process]
