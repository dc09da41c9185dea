"""Threads: one team for all kernels, whose threads take pieces of work in turn, while NumPy's BLAS keeps to one thread.

A kernel cuts its output into strips that fit into a core's cache. The cuts depend on the shapes alone, never on the
number of threads, and sums over strips are added in the order of the strips. So any number of threads gives the same
bits. A second pool of threads beside this one (Numba's or BLAS's) was measured to be twice as slow.
"""

import atexit
import functools
import math
import os
import threading

import numpy as np
from threadpoolctl import threadpool_limits

from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime.cores import default_threads
from numpyssd.kernels.cpu.runtime.team import Team

MAX_THREADS = 1024  # more is a slip of the finger: each has memory of its own
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
    # Accelerate, which NumPy has on some Macs, cannot be held so: VECLIB_MAXIMUM_THREADS=1 before the start does it. No
    # kernel calls BLAS, so there is little to lose.
    threadpool_limits(1, user_api="blas")
    # The threads of the team before end when the last call that uses it lets go of it.
    _state["team"] = Team(number)


def _team():
    team = _state["team"]
    if team is None or team.closed or team.process != os.getpid():
        set_threads(team.count if team else None)
    return _state["team"]


def _end():
    for team in list(Team.everyone):
        if team.process == os.getpid():
            team.end()


atexit.register(_end)


def thread_count():
    """Return how many threads the kernels use."""
    return _team().count


def parallel(work, count):
    """Call ``work(tickets)`` in each thread; with the tickets (see tickets.py), they share the numbers below count.

    An error in a thread is raised when no thread works any more. Raises InputError if the system has no more threads.
    """
    if count > 0:
        _team().run(work, count)


def scratch(name, shape, dtype):
    """Return a buffer of this thread, kept between calls so that its pages are warm; its content is arbitrary."""
    buffers = _scratch.__dict__
    size = math.prod(shape)
    key = (name, np.dtype(dtype).char)
    if key not in buffers or buffers[key].size < size:
        buffers[key] = np.empty(size, dtype)
    return buffers[key][:size].reshape(shape)


@functools.lru_cache(maxsize=1024)  # made anew, they took a tenth of a step of tiny
def spans(count, length):
    """Cut range(count) into pieces of ``length`` (at least one entry each): an array (pieces, 2) of start and stop."""
    starts = np.arange(0, count, max(1, int(length)), dtype=np.int64)  # (pieces,)
    pieces = np.stack([starts, np.minimum(starts + max(1, int(length)), count)], axis=1)
    pieces.flags.writeable = False  # whoever asks gets the same array
    return pieces
