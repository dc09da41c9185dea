"""Memory for large results, used again as soon as nobody holds the result any more.

A fresh array costs more than it seems: the system hands it out page by page, each one zeroed first, and takes it back
when the array dies. At 300 px that was a fifth of a forward pass. ``empty`` gives out a buffer whose pages are warm.
Nothing is ever overwritten that somebody can still see: the buffer comes back when the last view of it is gone.
"""

import contextlib
import math
import mmap
import threading
from collections import OrderedDict

import numpy as np

SMALL = 1 << 18  # bytes; what is smaller is left to NumPy
SLACK = 1 << 26  # bytes: in use and kept together are at most so much more than was in use at once

_lock = threading.RLock()  # a lease may end inside any allocation, when Python collects garbage
_kept = OrderedDict()  # id -> buffer, the one that came back first in front
_bytes = {"in use": 0, "most": 0, "kept": 0}


class _Lease:
    """What an array from ``empty`` rests on: it lives as long as the array and its views do."""

    def __init__(self, buffer, shape, dtype):
        self.buffer = buffer
        self.__array_interface__ = {
            "version": 3,
            "shape": tuple(int(n) for n in shape),
            "typestr": np.dtype(dtype).str,
            "data": (buffer.ctypes.data, False),
        }

    def __del__(self):
        if _lock is None:  # Python is ending, and has taken this module apart
            return
        with _lock:
            _bytes["in use"] -= self.buffer.nbytes
            _bytes["kept"] += self.buffer.nbytes
            _kept[id(self.buffer)] = self.buffer
            _let_go()


def _let_go():
    """Give back to the system what is too much, the oldest first."""
    while _kept and _bytes["in use"] + _bytes["kept"] > _bytes["most"] + SLACK:
        _, oldest = _kept.popitem(last=False)
        _bytes["kept"] -= oldest.nbytes


def _pages(size):
    """Return fresh bytes from the system itself, in large pages if it has them.

    What goes back goes back at once. From malloc's heap it would not, and what lies there in pieces can't be joined.
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
    if size < SMALL:
        return np.empty(shape, dtype)
    with _lock:
        kept = list(_kept.values())  # a copy, since a lease may end while it is searched
        buffer = _kept.pop(next((id(b) for b in reversed(kept) if b.nbytes == size), None), None)
        if buffer is None:
            buffer = _pages(size)
        else:
            _bytes["kept"] -= size
        _bytes["in use"] += size
        _bytes["most"] = max(_bytes["most"], _bytes["in use"])
        _let_go()
    return np.asarray(_Lease(buffer, shape, dtype))
