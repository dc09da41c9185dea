"""Arrays on the device, in buffers that are used again as soon as no array rests on them any more.

Every training step asks for the same shapes in the same order, so after the first step nothing is allocated. All
kernels run in one queue: a kernel that writes into a released buffer starts after the last kernel that reads from it.
"""

import math
from collections import defaultdict

import numpy as np

from numpyssd.kernels.cuda.runtime.device import gpu

DTYPES = (np.float32, np.int32, np.uint8, np.uint64)
_free = defaultdict(list)  # (GPU, count, dtype) -> released memory
_filled = {}  # (GPU, value, count) -> DeviceArray


class _Buffer:
    """Memory that is released when the last array that rests on it is gone."""

    memory = None

    def __init__(self, count, dtype, fresh=False):
        self.key = gpu(), count, dtype
        waiting = [] if fresh else _free[self.key]
        self.memory = waiting.pop() if waiting else _allocate(count, dtype)

    def __del__(self):
        if _free is not None and self.memory is not None:  # at its end Python takes this module apart
            _free[self.key].append(self.memory)


def _allocate(count, dtype):
    try:
        return gpu().allocate(count, dtype)
    except MemoryError:  # the released buffers of other sizes may be enough
        _filled.clear()
        _free.clear()
        return gpu().allocate(count, dtype)


class DeviceArray:
    """An array in C order on the device. It has a shape and a dtype; the host reads its numbers by ``fetch`` alone."""

    __slots__ = ("shape", "dtype", "data", "_buffer", "_first")

    def __init__(self, buffer, shape, dtype, first=0):
        self.shape, self.dtype, self._buffer, self._first = shape, np.dtype(dtype), buffer, first
        count = math.prod(shape)
        self.data = buffer.memory[first : first + count].reshape(shape) if count else None  # what kernels get

    @property
    def size(self):
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)

    def __len__(self):
        return self.shape[0]

    def reshape(self, *shape):
        """Return the same memory in another shape."""
        return DeviceArray(self._buffer, tuple(int(n) for n in shape), self.dtype, self._first)

    def part(self, first, last):
        """Return rows ``first`` to ``last`` of the first axis, in the same memory."""
        row = math.prod(self.shape[1:])
        return DeviceArray(self._buffer, (last - first, *self.shape[1:]), self.dtype, self._first + first * row)

    def fetch(self):
        """Return the numbers as a NumPy array of the host."""
        if not self.size:
            return np.empty(self.shape, self.dtype)
        return gpu().download(self.data.reshape(self.size)).reshape(self.shape)

    def __array__(self, *_, **__):
        raise TypeError(f"this array {self.shape} lies on the device; kernels.active.to_host(array) fetches it")


def empty(shape, dtype=np.float32, fresh=False):
    """Return a DeviceArray whose content is arbitrary; fresh: in new memory, which no launched kernel uses."""
    shape = tuple(int(n) for n in shape)
    if math.prod(shape) >= 2**32:
        raise ValueError(f"an array {shape} has more than 4 billion numbers; use fewer images at a time")
    return DeviceArray(_Buffer(math.prod(shape), np.dtype(dtype), fresh), shape, dtype)


def to_device(array):
    """Return the array on the device; an array that is there already is returned as it is.

    Raises ValueError for another dtype than float32, int32, uint8 and uint64: GPUs are slow in float64, and the
    kernels are written for float32 alone.
    """
    if isinstance(array, DeviceArray):
        return array
    if array.dtype not in DTYPES:
        raise ValueError(f"the backend cuda computes in float32, but the array {array.shape} is {array.dtype}")
    found = empty(array.shape, array.dtype)
    if found.size:
        gpu().upload(np.ascontiguousarray(array), found._buffer.memory)
    return found


def to_host(array):
    """Return the array as a NumPy array of the host; a NumPy array is returned as it is."""
    return array.fetch() if isinstance(array, DeviceArray) else array


def filled(value, count):
    """Return (count,) float32 on the device, all of one value, made once for each count."""
    key = gpu(), float(value), int(count)
    if key not in _filled:
        _filled[key] = to_device(np.full(int(count), value, np.float32))
    return _filled[key]


def synchronize():
    """Wait until everything that was asked for is computed."""
    gpu().synchronize()
