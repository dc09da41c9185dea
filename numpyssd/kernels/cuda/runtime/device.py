"""The only file that calls the driver: memory on the GPU, copies to and from it, and the launch of kernels.

Tests put another object with the methods of ``GPU`` in its place: one that keeps NumPy arrays and runs the
kernels on the processor. Everything above this file is the same for both.
"""

import warnings

import numpy as np

CORES = {(7, 0): 64, (7, 5): 64, (8, 0): 64}  # float32 cores of a multiprocessor, by compute capability; others 128
NEEDED = "pip install -r requirements-cuda.txt, on a machine with an NVIDIA GPU and its driver"


class GPU:
    """The GPU, through Numba-CUDA. All work is put into one queue (a CUDA stream), in order."""

    def __init__(self):
        from numba import cuda

        if not cuda.is_available():
            raise ImportError(f"the backend cuda needs a GPU, and none answers here; {NEEDED}; or use --backend cpu")
        try:
            self.cuda, self.stream, self.copies = cuda, cuda.stream(), cuda.stream()
        except Exception as reason:  # a GPU too old for this CUDA, or one that another process has for itself
            said = " ".join(str(reason).split())
            raise ImportError(f"the backend cuda cannot use the GPU here ({said}); {NEEDED}") from None
        self.compiled = {}  # kernel -> what Numba made of it
        # Numba-CUDA warns of each small grid. Those of a network's last maps are small.
        warnings.filterwarnings("ignore", message=r"Grid size \d+ will likely result in GPU under-utilization")

    def describe(self):
        """Return the name of the GPU, and its peak GFLOP/s in float32: two for each core in each clock cycle."""
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
        raise MemoryError(f"the GPU has no {count * np.dtype(dtype).itemsize / 2**20:,.0f} MiB left")

    def upload(self, host, memory):
        """Copy a contiguous NumPy array into memory of its size and dtype."""
        memory.copy_to_device(host.reshape(-1), stream=self.stream)

    def download(self, memory):
        """Wait for all work, and return the memory's content as a flat NumPy array."""
        host = memory.copy_to_host(stream=self.stream)
        self.stream.synchronize()
        return host

    def pinned(self, count, dtype):
        """Return a NumPy array in pinned memory, which the GPU can read while kernels run."""
        return self.cuda.pinned_array(count, dtype)

    def upload_beside(self, hosts, memories):
        """Begin to copy pinned arrays in a second queue, while the kernels of the first run; return a ticket."""
        for host, memory in zip(hosts, memories):
            memory.copy_to_device(host, stream=self.copies)
        ticket = self.cuda.event()
        ticket.record(self.copies)
        return ticket

    def wait_for(self, ticket):
        """Let the kernels that are launched from now on wait for the uploads of a ticket."""
        ticket.wait(self.stream)

    def synchronize(self):
        """Wait until all work is done."""
        self.stream.synchronize()

    def launch(self, kernel, grid, block, arguments):
        """Put a kernel into the queue: grid[0] x grid[1] x grid[2] blocks of block[0] x block[1] x block[2] threads."""
        if kernel not in self.compiled:
            self.compiled[kernel] = self.cuda.jit(kernel)  # no signature: that would need the GPU at import
        self.compiled[kernel][grid, block, self.stream](*arguments)


_gpu = None  # the GPU in use, opened at the first call of gpu()


def gpu():
    """Return the GPU that is used. Raises ImportError, which says what is missing, if there is none."""
    global _gpu
    if _gpu is None:
        try:
            _gpu = GPU()
        except ImportError as reason:
            if "backend cuda" in str(reason):
                raise
            raise ImportError(f"the backend cuda needs Numba-CUDA ({reason}); {NEEDED}") from None
    return _gpu


def describe():
    """Return the name of the GPU, and its peak GFLOP/s in float32."""
    return gpu().describe()


def replace_gpu(other):
    """Use another object in place of the GPU, and return the one before (None: none was opened yet)."""
    global _gpu
    before, _gpu = _gpu, other
    return before


def launch(kernel, blocks, threads, *arguments):
    """Start ``kernel`` on a grid of blocks of threads (each a number or a tuple of up to three).

    arguments: DeviceArrays, and NumPy scalars of the very types that the kernel has in table.py.
    An empty grid starts nothing.
    """
    blocks, threads = _three(blocks), _three(threads)
    if 0 in blocks:
        return
    gpu().launch(kernel, blocks, threads, [getattr(a, "data", a) if not np.isscalar(a) else a for a in arguments])


def _three(size):
    size = size if isinstance(size, tuple) else (size,)
    return tuple(int(n) for n in size) + (1,) * (3 - len(size))


def blocks_for(count, threads):
    """Return how many blocks of ``threads`` threads ``count`` threads need."""
    return -(-int(count) // threads)
