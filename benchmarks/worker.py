"""A process of its own for each peer, which computes when it is asked to and otherwise waits.

So the pools of threads do not get in each other's way, the memory of each can be told apart, and rounds can alternate:
whatever slows the machine down for a while slows down all.
"""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np

PAUSE = 0.2  # seconds before each request: by then the idle threads of the peer before have stopped spinning


class PeerError(Exception):
    """A peer cannot be loaded, or fails; its text is one line."""


class Worker:
    """The parent's end: ``Worker(make, job)`` starts a process that holds ``make(job)``, a peer (see peers.py).

    Raises PeerError, here and in every request, if the peer fails.
    """

    def __init__(self, make, job):
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(job.threads)  # for the libraries that look only once, when they are loaded
        os.environ["ONEDNN_DEFAULT_FPMATH_MODE"] = "STRICT"  # no bfloat16 in the place of float32
        context = multiprocessing.get_context("spawn")
        self.connection, end = context.Pipe()
        self.process = context.Process(target=serve, args=(end, make, job), daemon=True)
        self.process.start()
        end.close()
        try:
            self._answer()
        except PeerError:
            self.close()
            raise

    def _answer(self):
        try:
            good, value = self.connection.recv()
        except (EOFError, OSError):
            raise PeerError("its process ended without a word") from None
        if not good:
            raise PeerError(value)
        return value

    def ask(self, request, argument=None):
        """Return the answer to "run" (seconds), "memory" (bytes), or "outputs" (None; it fills the file argument)."""
        time.sleep(PAUSE)
        try:
            self.connection.send((request, argument))
        except BrokenPipeError:
            raise PeerError("its process has ended") from None
        return self._answer()

    def close(self):
        """End the process."""
        self.connection.close()  # it sees the end of its requests
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def serve(connection, make, job):
    """Be the process: make the peer, then answer requests until there are no more."""
    try:
        peer = make(job)
        connection.send((True, None))
        while True:
            request, argument = connection.recv()
            connection.send((True, answer(peer, request, argument)))
    except (EOFError, KeyboardInterrupt):  # the parent has no more requests, or its user has had enough
        return
    except Exception as reason:  # whatever a peer raises is told to the parent, which says so
        text = " ".join(str(reason).split())
        connection.send((False, f"{type(reason).__name__}: {text}"[:200]))


def answer(peer, request, argument):
    """Return the answer to one request; see Worker.ask."""
    if request == "run":
        started = time.perf_counter()
        peer.run()
        return time.perf_counter() - started
    if request == "outputs":
        np.savez(argument, **peer.outputs())  # by way of a file: a pipe would hold a second copy
        return None
    return peak_memory()


def peak_memory():
    """Return the largest resident memory of this process so far in bytes, loading included."""
    status = Path("/proc/self/status")
    if status.exists():  # elsewhere, and on Linux in a child, the other figure may be that of the parent
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    from numpyssd.cli.timing import peak_memory as gigabytes

    return int((gigabytes() or 0) * 2**30)
