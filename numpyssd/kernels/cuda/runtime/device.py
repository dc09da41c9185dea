"""The one place that touches the driver: memory on the card, copies to and from it, and the start of kernels.

Tests put another object with the methods of ``Card`` in its place: one that keeps NumPy arrays and runs the
kernels on the processor. Everything above this file is the same for both.
"""

import warnings

import numpy as np

CORES = {(7, 0): 64, (7, 5): 64, (8, 0): 64}  # float32 cores of a multiprocessor, by compute capability; others 128
NEEDED = "pip install -r requirements-cuda.txt, on a machine with an NVIDIA card and its driver"


class Card:
    """The graphics card, through Numba-CUDA. All work is put into one queue (a CUDA stream), in order."""

    def __init__(self):
        from numba import cuda

        if not cuda.is_available():
            raise ImportError(f"the backend cuda needs a GPU, and none answers here; {NEEDED}; or use --backend cpu")
        try:
            self.cuda, self.stream, self.copies = cuda, cuda.stream(), cuda.stream()
        except Exception as reason:  # a card too old for this CUDA, or one that is another's alone
            said = " ".join(str(reason).split())
            raise ImportError(f"the backend cuda cannot use the GPU here ({said}); {NEEDED}") from None
        self.compiled = {}  # kernel -> what Numba made of it
        # Numba-CUDA has a word to say on each small grid. Those of a network's last maps are small.
        warnings.filterwarnings("ignore", message=r"Grid size \d+ will likely result in GPU under-utilization")

    def describe(self):
        """Return the card's name, and the most GFLOP/s that it can do in float32: two for each core in each clock."""
        found = self.cuda.get_current_device()
        name = found.name.decode() if isinstance(found.name, bytes) else str(found.name)
        cores = found.MULTIPROCESSOR_COUNT * CORES.get(tuple(found.compute_capability), 128)
        return name, 2e-6 * cores * found.CLOCK_RATE  # CLOCK_RATE is in kHz

    def allocate(self, count, dtype):
        """Return memory for ``count`` numbers, whose content is arbitrary. Raises MemoryError if less is left."""
        try:
            return self.cuda.device_array(count, dtype, stream=self.stream)
        except Exception as reason:  # Numba's class for it is not there in its simulator
            if "OUT_OF_MEMORY" not in str(reason):
                raise
        raise MemoryError(f"the graphics card has no {count * np.dtype(dtype).itemsize / 2**20:,.0f} MiB left")

    def upload(self, host, memory):
        """Copy a contiguous NumPy array into memory of its size and dtype."""
        memory.copy_to_device(host.reshape(-1), stream=self.stream)

    def download(self, memory):
        """Wait for all work, and return the memory's content as a flat NumPy array."""
        host = memory.copy_to_host(stream=self.stream)
        self.stream.synchronize()
        return host

    def pinned(self, count, dtype):
        """Return a NumPy array in memory that the card can read by itself, beside other work."""
        return self.cuda.pinned_array(count, dtype)

    def upload_beside(self, hosts, memories):
        """Begin to copy pinned arrays in a second queue, beside the kernels of the first; return a ticket."""
        for host, memory in zip(hosts, memories):
            memory.copy_to_device(host, stream=self.copies)
        ticket = self.cuda.event()
        ticket.record(self.copies)
        return ticket

    def wait_for(self, ticket):
        """Let the kernels that are launched from now on wait for what upload_beside began."""
        ticket.wait(self.stream)

    def synchronize(self):
        """Wait until all work is done."""
        self.stream.synchronize()

    def launch(self, kernel, grid, block, arguments):
        """Put the run of a kernel into the queue: grid[0] x grid[1] x grid[2] blocks of so many threads."""
        if kernel not in self.compiled:
            self.compiled[kernel] = self.cuda.jit(kernel)  # no signature: that would ask for the card at import
        self.compiled[kernel][grid, block, self.stream](*arguments)


_card = None


def card():
    """Return the card that is used. Raises ImportError with a sentence on what is missing if there is none."""
    global _card
    if _card is None:
        try:
            _card = Card()
        except ImportError as reason:
            if "backend cuda" in str(reason):
                raise
            raise ImportError(f"the backend cuda needs Numba-CUDA ({reason}); {NEEDED}") from None
    return _card


def replace_card(other):
    """Use another object in the place of the card, and return the one before (None: none was opened yet)."""
    global _card
    before, _card = _card, other
    return before


def launch(kernel, blocks, threads, *arguments):
    """Start ``kernel`` on a grid of blocks of threads (each a number or a tuple of up to three).

    arguments: DeviceArrays, and NumPy scalars of the very types that the kernel has in table.py.
    An empty grid starts nothing.
    """
    blocks, threads = _three(blocks), _three(threads)
    if 0 in blocks:
        return
    card().launch(kernel, blocks, threads, [getattr(a, "data", a) if not np.isscalar(a) else a for a in arguments])


def _three(size):
    size = size if isinstance(size, tuple) else (size,)
    return tuple(int(n) for n in size) + (1,) * (3 - len(size))


def blocks_for(count, threads):
    """Return how many blocks of so many threads it takes for ``count``."""
    return -(-int(count) // threads)
