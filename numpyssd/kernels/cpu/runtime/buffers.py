"""A pool of buffers for large results: memory is used again as soon as no array rests on it any more.

A fresh array costs more than it seems: the system hands it out page by page, fills each page with zeros first, and
takes it back when the array dies. At 300 px that was a fifth of a forward pass. The pages of a buffer from the pool are
warm. An array takes the smallest free buffer that it fits into, if it fills at least a third of it. A buffer comes back
to the pool when the last view of its array is gone, so nothing that is still visible is ever overwritten.

How much may lie free is memory against time. With 64 MiB, and buffers filled to two thirds, each training step of
SSD300 (batch 4) got a gigabyte of fresh pages. With 0.4 of what it needs it gets hardly any, and keeps a quarter of a
GiB more.
"""

import contextlib
import math
import mmap
import threading
from collections import OrderedDict

import numpy as np

MIN_BYTES = 1 << 18  # smaller arrays are left to NumPy
MAX_WASTE = 3  # times the array's size; with exact sizes alone, a step of compact got most of its memory anew
SLACK, SHARE = 1 << 26, 0.4  # in use and free together are at most so many bytes, or this share, over what was in use

_lock = threading.RLock()  # a buffer may be released inside any allocation, when Python collects garbage
_free = OrderedDict()  # id -> memory, the one that was released first in front
_bytes = {"in use": 0, "peak": 0, "free": 0}


class _Buffer:
    """The base of an array from ``empty``. It lives as long as the array and its views; then it releases its memory."""

    def __init__(self, memory, shape, dtype):
        self.memory = memory
        self.__array_interface__ = {
            "version": 3,
            "shape": tuple(int(n) for n in shape),
            "typestr": np.dtype(dtype).str,
            "data": (memory.ctypes.data, False),
        }

    def __del__(self):
        if _lock is None:  # Python is ending, and has taken this module apart
            return
        with _lock:
            _bytes["in use"] -= self.memory.nbytes
            _bytes["free"] += self.memory.nbytes
            _free[id(self.memory)] = self.memory
            _release()


def _release():
    """Give memory back to the system where the pool has too much, the oldest first."""
    most = _bytes["peak"] + max(SLACK, SHARE * _bytes["peak"])
    while _free and _bytes["in use"] + _bytes["free"] > most:
        _, oldest = _free.popitem(last=False)
        _bytes["free"] -= oldest.nbytes


def _pages(size):
    """Return fresh bytes from the system itself, in large pages if it has them.

    Memory that is given back returns to the system at once. malloc would keep it, in pieces that can't be joined.
    """
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_ANONYMOUS") else {}
    pages = mmap.mmap(-1, size, **private)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a system that has none
            pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, np.uint8)


def empty(shape, dtype):
    """Return an array whose content is arbitrary, as ``np.empty`` does."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size < MIN_BYTES:
        return np.empty(shape, dtype)
    with _lock:
        free = list(_free.values())  # a copy, since a buffer may be released while it is searched
        fitting = [m for m in reversed(free) if size <= m.nbytes <= MAX_WASTE * size]
        memory = min(fitting, key=lambda m: m.nbytes, default=None)
        if memory is None:
            memory = _pages(size)
        elif _free.pop(id(memory), None) is not None:  # a buffer that came back meanwhile may have pushed it out
            _bytes["free"] -= memory.nbytes
        _bytes["in use"] += memory.nbytes
        _bytes["peak"] = max(_bytes["peak"], _bytes["in use"])
        _release()
    return np.asarray(_Buffer(memory, shape, dtype))
