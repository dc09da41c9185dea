"""Compile the kernels before anything is timed, and say how long that takes and how often."""

import time

from numpyssd.training.one_process import ALONE, OneProcess


def compile_kernels(backend, ranks: OneProcess = ALONE):
    """Compile the kernels of a backend, or load them from the disk, and print how many seconds that took.

    Of several ranks the first of each machine compiles, and the others load what it has kept.
    """
    if backend.NAME == "reference":  # NumPy's
        return
    print(f"compiling the kernels ({how_often(backend)}) ...", end=" ", flush=True)
    started = time.monotonic()
    first_here = ranks.neighbors()[0] == ranks.rank
    if first_here:
        backend.warm_up()
    ranks.gather([])  # wait for those
    if not first_here:
        backend.warm_up()
    print(f"{time.monotonic() - started:.1f} s")


def how_often(backend) -> str:
    """Return when a backend is compiled; where no folder can be written, nothing is kept."""
    if backend.NAME == "cpu":
        from numpyssd.kernels.cpu.runtime.jit import NOT_KEPT

        return "seconds at each start" if NOT_KEPT else "seconds the first time, then kept on disk"
    return "seconds at each start"
