"""Functions spread over threads."""

import multiprocessing
import threading

import numba
import pytest

from dig_framework.worker_threads import mapped, spread

THREADS = min(2, numba.config.NUMBA_NUM_THREADS)


@pytest.fixture(params=sorted({1, THREADS}))
def threads(request):
    before = numba.get_num_threads()
    numba.set_num_threads(request.param)
    yield request.param
    numba.set_num_threads(before)


def test_every_part_is_done_once(threads):
    done, lock = [], threading.Lock()

    def note(part, parts, word):
        with lock:
            done.append((part, parts, word))

    spread(note, "x")
    assert sorted(done) == [(part, threads, "x") for part in range(threads)]


def test_an_error_of_any_part_is_raised(threads):
    def fail(part, parts):
        if part == parts - 1:
            raise ValueError("that part")

    with pytest.raises(ValueError, match="that part"):
        spread(fail)


def test_several_threads_may_spread_at_once(threads):
    sums = [0] * 8

    def add(part, parts, place):
        sums[place] += 1

    def call(place):
        numba.set_num_threads(threads)  # Every thread of Python's has its own number.
        spread(add, place)

    callers = [threading.Thread(target=call, args=(place,)) for place in range(len(sums))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sums == [threads] * len(sums)


def _in_child(queue):
    done = []
    spread(lambda part, parts: done.append(part))
    queue.put(len(done))


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own(threads):
    spread(lambda part, parts: None)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert queue.get(timeout=5) == threads


def test_results_come_in_order_from_any_number_of_threads(threads):
    names = set()

    def square(item):
        names.add(threading.current_thread().name)
        return item**2

    assert mapped(square, list(range(20))) == [item**2 for item in range(20)]
    assert mapped(square, []) == []
    assert (threading.current_thread().name in names) == (threads == 1)


def test_the_first_error_of_an_item_is_raised(threads):
    def fail(item):
        if item > 1:
            raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 2"):
        mapped(fail, [0, 1, 2, 3])
