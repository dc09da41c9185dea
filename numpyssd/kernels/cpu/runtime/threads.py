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

import numpy as np
from threadpoolctl import threadpool_limits

_state = {"threads": None, "pool": None, "limits": None, "process": None}
_scratch = threading.local()


def available_cores():
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_threads(count=None):
    """Let the kernels use ``count`` threads (default: NUMPYSSD_THREADS, or every core this process may run on)."""
    count = int(count or os.environ.get("NUMPYSSD_THREADS") or available_cores())
    if count < 1:
        raise ValueError(f"threads must be at least 1, not {count}")
    if _state["pool"] is not None and _state["process"] == os.getpid():
        _state["pool"].shutdown(wait=False)
    # The calling thread works too, so the pool needs one thread less.
    _state["pool"] = ThreadPoolExecutor(count - 1, thread_name_prefix="numpyssd") if count > 1 else None
    _state["limits"] = threadpool_limits(1, user_api="blas")
    _state["threads"] = count
    _state["process"] = os.getpid()  # a forked child has no threads: it must make its own pool


def thread_count():
    """Return how many threads the kernels use."""
    if _state["process"] != os.getpid():
        set_threads(_state["threads"])
    return _state["threads"]


def parallel(work, count):
    """Call ``work(i)`` for every i below count, spread over the threads; a thread that is free takes the next one."""
    if _state["process"] != os.getpid():
        set_threads(_state["threads"])
    helpers = min(_state["threads"], count) - 1
    if helpers < 1:
        for i in range(count):
            work(i)
        return
    tickets = itertools.count()  # next() on it is atomic

    def run():
        while (i := next(tickets)) < count:
            work(i)

    futures = [_state["pool"].submit(run) for _ in range(helpers)]
    try:
        run()
    finally:
        for future in futures:
            future.result()


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
