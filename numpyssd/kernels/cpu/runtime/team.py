"""A team: the calling thread and helpers that share the pieces of one kernel after the other.

A network has some hundred kernels, most of them shorter than a millisecond, and a thread that sleeps takes 50
microseconds to wake up. So a helper that has nothing to do watches the tickets for a while and sleeps only then, as the
threads of OpenMP do. Who calls works too, and waits at the end for those helpers alone that have begun: one that the
system has not let run yet is not missed.
"""

import os
import queue
import threading
import time
import weakref

import numba

from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime.cores import default_threads
from numpyssd.kernels.cpu.runtime.tickets import (
    CLOSED,
    ENDED,
    KERNEL,
    LEAVE,
    NEXT,
    end_and_wait_for_work,
    new_tickets,
    wait_for_end,
    wait_for_work,
)

WATCH = 1e-3  # seconds that a helper watches before it sleeps: more than between two kernels of a training step
WATCH_END = 1e-4  # seconds that the caller watches for the end of the others' last pieces before it sleeps as long
SAMPLES, SAMPLE = 4, 32  # looks that are timed, to know how many a second has


class Kernel:
    """A kernel at work: what each thread calls, how many helpers may begin, how many have, and what they raised."""

    def __init__(self, work, wanted):
        self.work, self.wanted, self.begun, self.errors = work, wanted, 0, []


class Team:
    """``count`` threads of one process, the calling one among them. It serves one caller at a time."""

    everyone: weakref.WeakSet["Team"] = weakref.WeakSet()  # for the end of Python

    def __init__(self, count):
        self.process, self.count = os.getpid(), count  # a forked child has no threads: it must make its own team
        self.closed = False
        self._busy = threading.Lock()  # held by the thread that is served; forever, once the team has closed
        self._helpers, self._looks = [], 0  # changed by who is served
        self._lock = threading.Lock()  # guards what a kernel's beginning and end, and a helper's sleep, change
        self._kernel, self._asleep, self._tickets = None, 0, new_tickets()
        self._bell = queue.SimpleQueue()
        self.everyone.add(self)

    def __del__(self):
        self.close()

    def close(self):
        """Let the helpers end. Whoever calls from now on works alone."""
        self.closed = True
        self._tickets[LEAVE] = 1
        for _ in self._helpers:
            self._bell.put(None)

    def end(self):
        """Close, and wait for the helpers: Python must not end while one of them is in compiled code."""
        self.close()
        deadline = time.monotonic() + 1
        for helper in self._helpers:
            if helper.ident is not None:  # it has started
                helper.join(timeout=max(0, deadline - time.monotonic()))

    def run(self, work, count):
        """Call ``work(tickets)`` in up to ``count`` threads at once; return when none of them works any more.

        Raises what a thread raised, and InputError if the system has no more threads.
        """
        wanted, shared = min(self.count, count) - 1, None
        try:
            if wanted > 0 and not self.closed and self._busy.acquire(blocking=False) and not self.closed:
                shared = Kernel(work, wanted)
                self._hire(wanted)
                self._share(shared)
                self._busy.release()
        except InputError:
            self._busy.release()
            raise
        except BaseException:  # Ctrl-C between two lines of this file: the counter may be in use for ever
            self.closed = True
            if shared is not None:
                self._finish(shared)
            self.close()
            raise
        if shared is None:
            work(new_tickets(first=0))
        elif shared.errors:
            raise shared.errors[0]

    def _hire(self, wanted):
        """Start helpers that are not there yet."""
        if not self._helpers:
            # Nothing may be compiled in a helper: a child that is forked meanwhile would wait for Numba's lock.
            wait_for_work(self._tickets, 0, 0)
            end_and_wait_for_work(self._tickets, 0, 0)
            wait_for_end(self._tickets, -1, 0)
            self._looks = self._measured_looks()
        while len(self._helpers) < wanted:
            helper = threading.Thread(target=_help, args=(weakref.ref(self), self._bell), name="numpyssd", daemon=True)
            self._helpers.append(helper)
            try:
                helper.start()
            except RuntimeError as reason:
                self._helpers.remove(helper)
                sentence = f"the kernels get no further thread ({reason}); set NUMPYSSD_THREADS to fewer"
                raise InputError(sentence) from None

    def _measured_looks(self):
        """Return how often a helper looks in WATCH seconds; with more threads than cores, it sleeps at once."""
        if self.count > default_threads() or numba.config.DISABLE_JIT:
            return 0
        seconds = []
        for _ in range(SAMPLES):
            start = time.perf_counter()
            wait_for_end(self._tickets, -1, SAMPLE)
            seconds.append(time.perf_counter() - start)
        return int(min(max(WATCH / min(seconds) * SAMPLE, 100), 1_000_000))  # the shortest: others may have worked

    def _share(self, kernel):
        """Work while the helpers may join, until all have ended."""
        tickets = self._tickets
        with self._lock:
            tickets[NEXT] = tickets[ENDED] = 0
            tickets[KERNEL] += 1
            self._kernel = kernel
            sleepers = min(self._asleep, kernel.wanted)
            self._asleep -= sleepers
        for _ in range(sleepers):
            self._bell.put(None)
        try:
            kernel.work(tickets)
        except BaseException as error:
            kernel.errors.insert(0, error)  # the caller's own, such as Ctrl-C, before those of helpers
        self._finish(kernel)

    def _finish(self, kernel):
        """Let no helper begin any more, and wait for those that have."""
        with self._lock:
            self._kernel = None
            self._tickets[NEXT] = CLOSED
        looks = max(1, int(self._looks * WATCH_END / WATCH))
        while kernel.begun and not wait_for_end(self._tickets, kernel.begun, looks):
            time.sleep(WATCH_END)

    def serve(self):
        """Work as a helper until there is nothing to do for a while; return False when the team has closed."""
        seen, ended = 0, False
        while ended or not self.closed:
            watch, ended = end_and_wait_for_work if ended else wait_for_work, False
            if not watch(self._tickets, seen, self._looks):
                with self._lock:
                    if self._kernel is None or self._tickets[KERNEL] == seen:
                        self._asleep += 1
                        return not self.closed
            with self._lock:
                kernel, seen = self._kernel, int(self._tickets[KERNEL])
                ended = kernel is not None and not self.closed and kernel.begun < kernel.wanted
                if ended:
                    kernel.begun += 1
            if ended:
                try:
                    kernel.work(self._tickets)
                except BaseException as error:
                    kernel.errors.append(error)
            kernel = None  # its arrays must not live on here: who waits for the end may free them, and need the memory
        return False


def _help(team, bell):
    """Serve a team, a weak reference, as often as its bell rings; the team must be free to go while this sleeps."""
    while (alive := team()) is not None and alive.serve():
        del alive
        bell.get()
