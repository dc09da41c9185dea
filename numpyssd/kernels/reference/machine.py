"""Where arrays lie, how many threads compute, and what is kept between calls: here in main memory, one, and nothing."""


def to_device(array):
    """Return the array where the backend computes: in main memory, so an array on a GPU is downloaded."""
    return to_host(array)


def to_host(array):
    """Return the array as a NumPy array."""
    return array.fetch() if hasattr(array, "fetch") else array  # of another backend, which was active before


def synchronize():
    """Wait until all work is done; here every function returns when it is done."""


def set_threads(count=None):
    """Let NumPy's BLAS use ``count`` threads; without a count nothing changes."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(count)


def thread_count():
    """Return how many threads the kernels use: one, because only BLAS may have more."""
    return 1


def clear_weight_cache():
    """Free the memory of the weight cache; here there is none."""


def warm_up():
    """Compile every kernel; here nothing is compiled."""
