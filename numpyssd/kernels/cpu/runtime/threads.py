"""Threads: one pool for all kernels, whose threads take pieces of work in turn, while NumPy's BLAS keeps to one thread.

A kernel cuts its output into strips that fit into a core's cache. The cuts depend on the shapes alone, never on the
number of threads, and sums over strips are added in the order of the strips. So any number of threads gives the same
bits. A second pool beside this one (Numba's or BLAS's) was measured to be twice as slow.
"""

import itertools
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime.cores import default_threads

MAX_THREADS = 1024  # more is a slip of the finger: each has memory of its own


class Team(NamedTuple):
    """The threads of one process: how many, the calling one among them, and the pool of the others."""

    process: int  # a forked child has no threads: it must make its own pool
    count: int
    pool: ThreadPoolExecutor | None


_state = {"team": None}
_scratch = threading.local()


def set_threads(count=None):
    """Let the kernels use ``count`` threads (default: NUMPYSSD_THREADS, or one for each fast core: see cores.py).

    Raises InputError if the number is not a whole one from 1 to MAX_THREADS.
    """
    wanted = count or os.environ.get("NUMPYSSD_THREADS") or default_threads()
    try:
        number = int(wanted)
    except ValueError:
        number = 0
    if not 1 <= number <= MAX_THREADS:
        name = "threads" if count else "NUMPYSSD_THREADS"
        raise InputError(f"{name} must be a whole number from 1 to {MAX_THREADS}, not {wanted}")
    pool = ThreadPoolExecutor(number - 1, thread_name_prefix="numpyssd") if number > 1 else None
    # Accelerate, which NumPy has on some Macs, cannot be held so: VECLIB_MAXIMUM_THREADS=1 before the start does it. No
    # kernel calls BLAS, so there is little to lose.
    threadpool_limits(1, user_api="blas")
    # The threads of the pool before end when the last call that uses it lets go of it.
    _state["team"] = Team(os.getpid(), number, pool)


def _team():
    team = _state["team"]
    if team is None or team.process != os.getpid():
        set_threads(team.count if team else None)
    return _state["team"]


def thread_count():
    """Return how many threads the kernels use."""
    return _team().count


def _submit(pool, run):
    try:
        return pool.submit(run)
    except RuntimeError as reason:
        raise InputError(f"the kernels get no further thread ({reason}); set NUMPYSSD_THREADS to fewer") from None


def parallel(work, count):
    """Call ``work(i)`` for every i below count, spread over the threads; a thread that is free takes the next one.

    An error in a piece is raised when no thread works any more. Raises InputError if the system has no more threads.
    """
    _, threads, pool = _team()
    tickets = itertools.count()  # next() on it is atomic

    def run():
        while (i := next(tickets)) < count:
            work(i)

    helpers = []
    try:
        for _ in range(min(threads, count) - 1):
            helpers.append(_submit(pool, run))
        run()
    finally:
        errors = [helper.exception() for helper in helpers]  # waits for them
    for error in errors:
        if error:
            raise error


def scratch(name, shape, dtype):
    """Return a buffer of this thread, kept between calls so that its pages are warm; its content is arbitrary."""
    buffers = _scratch.__dict__
    size = math.prod(shape)
    key = (name, np.dtype(dtype).char)
    if key not in buffers or buffers[key].size < size:
        buffers[key] = np.empty(size, dtype)
    return buffers[key][:size].reshape(shape)


def spans(count, length):
    """Cut range(count) into pieces of about ``length`` (at least one entry each): a list of (start, stop)."""
    length = max(1, int(length))
    return [(start, min(start + length, count)) for start in range(0, count, length)]
