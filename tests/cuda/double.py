"""What takes the place of the GPU in tests: NumPy's memory, and kernels that run on the processor.

It is stricter than a GPU. Memory is full of 0xFF when it is given out (NaN as float32), and around it lie NaNs of
another kind, which no kernel may change. Launches must pass exactly what table.py says. What is sent beside the kernels
arrives as late as it may. With several seeds each launch runs once for each, with threads and blocks in another order,
and must give the same bytes.
"""

import contextlib
import math
from collections import Counter, defaultdict

import numpy as np
from executor import executable

from numpyssd import kernels
from numpyssd.kernels.cuda.runtime import device, memory
from numpyssd.kernels.cuda.table import KERNELS

ROWS = {row.kernel: row for row in KERNELS}
MARGIN = 4096  # bytes before and after each array
MOST_BLOCKS = 2**31 - 1, 65535, 65535  # of a grid, for every GPU


class Double:
    """Has the methods of ``device.GPU``, and counts what it is asked for."""

    def __init__(self, seeds=(0,), rows=()):
        self.seeds, self.rows = seeds, ROWS | {row.kernel: row for row in rows}
        self.uploads = self.downloads = self.allocations = 0
        self.launches = Counter()  # name of a kernel -> how often

    def describe(self):
        """Return a name, and GFLOP/s that nobody has."""
        return "no GPU: the processor in its place", 1.0

    def allocate(self, count, dtype):
        """Return memory in the middle of bytes that must stay as they are."""
        self.allocations += 1
        size = int(count) * np.dtype(dtype).itemsize
        owner = np.empty(size + 2 * MARGIN, np.uint8)
        owner[:MARGIN], owner[-MARGIN:] = _margins(owner)
        owner[MARGIN : MARGIN + size] = 0xFF
        return owner[MARGIN : MARGIN + size].view(dtype)

    def upload(self, host, there):
        """Copy a contiguous array."""
        self.uploads += 1
        _check_copy(host, there)
        there[:] = host.reshape(-1)

    def download(self, there):
        """Return a copy."""
        self.downloads += 1
        assert there.ndim == 1
        return there.copy()

    def pinned(self, count, dtype):
        """Return memory of the host."""
        return np.zeros(count, dtype)

    def upload_beside(self, hosts, memories):
        """Copy as late as possible; until then there is rubbish."""
        for host, there in zip(hosts, memories, strict=True):
            self.uploads += 1
            _check_copy(host, there)
            there.view(np.uint8)[:] = 0xFF
        return [(host, host.copy(), there) for host, there in zip(hosts, memories)]

    def wait_for(self, ticket):
        """Let the copies be done."""
        for host, as_it_was, there in ticket:
            assert host.tobytes() == as_it_was.tobytes(), "written while it was on its way to the GPU"
            there[:] = host

    def synchronize(self):
        """Nothing is ever left."""

    def launch(self, kernel, grid, block, arguments):
        """Run a kernel now, for each seed; the last one's results stay, and are those of the first."""
        row = self.rows[kernel]
        self.launches[kernel.__name__] += 1
        check_launch(row, grid, block, arguments)
        arrays = [a for a in arguments if isinstance(a, np.ndarray)]
        before = [a.copy() for a in arrays] if len(self.seeds) > 1 else []
        first = None
        for seed in self.seeds:
            if first is not None:
                for array, content in zip(arrays, before):
                    array[...] = content
            executable(kernel, row.signature)(grid, block, arguments, seed)
            if len(self.seeds) > 1:
                found = [a.tobytes() for a in arrays]
                first = first or found
                assert found == first, f"{kernel.__name__}: another order of threads gave other numbers"
        for array in arrays:
            owner = array.base
            for found, expected in zip((owner[:MARGIN], owner[-MARGIN:]), _margins(owner)):
                assert np.array_equal(found, expected), f"{kernel.__name__} wrote outside of its arrays"


def _margins(owner):
    """Return the bytes that lie before and after an array: signalling NaNs that any arithmetic changes.

    They are not those of other arrays, so that a number copied one too far shows.
    """
    words = np.full(MARGIN // 4 + 1, 0x7FA00000 | (owner.ctypes.data >> 4 & 0x1FFFFF), np.uint32).view(np.uint8)
    return words[:MARGIN], words[owner.size % 4 :][:MARGIN]


def check_launch(row, grid, block, arguments):
    """Raise TypeError or ValueError unless a launch is what the table says and every GPU can do."""
    name = row.kernel.__name__
    if len(arguments) != len(row.types):
        raise TypeError(f"{name} takes {len(row.types)} arguments, not {len(arguments)}")
    for place, (argument, wanted) in enumerate(zip(arguments, row.types)):
        if numba_type(argument) != wanted:
            raise TypeError(f"{name}, argument {place}: {numba_type(argument)} instead of {wanted}")
    if math.prod(block) != row.threads:
        raise ValueError(f"{name}: {block} threads a block instead of {row.threads}")
    if len(grid) != 3 or not all(0 < n <= most for n, most in zip(grid, MOST_BLOCKS)):
        raise ValueError(f"{name}: a grid {grid}")


def numba_type(argument):
    """Return the type of a launch's argument, as table.py writes it."""
    if isinstance(argument, np.ndarray):
        in_order = argument.flags.c_contiguous and argument.flags.aligned
        return f"{argument.dtype}[{':,' * (argument.ndim - 1)}{'::1' if in_order else ':'}]"
    return type(argument).__name__


def _check_copy(host, there):
    if host.dtype != there.dtype or host.size != there.size or not host.flags.c_contiguous or there.ndim != 1:
        raise TypeError(f"a copy of {host.dtype} {host.shape} to {there.dtype} {there.shape}")


class NeverAgain(defaultdict):
    """Free memory that is never given out again: so every array of a test begins as rubbish."""

    def __missing__(self, key):
        return []


@contextlib.contextmanager
def in_place_of_the_gpu(double, reuse=False):
    """Use the double, and make cuda the active backend. reuse: let memory be used again, as on the GPU."""
    free, filled = memory._free, memory._filled
    memory._free, memory._filled = defaultdict(list) if reuse else NeverAgain(list), {}
    before = device.replace_gpu(double)
    try:
        with kernels.using("cuda"):
            yield double
    finally:
        device.replace_gpu(before)
        memory._free, memory._filled = free, filled
