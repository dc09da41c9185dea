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
    NEXT,
    end_and_wait_for_work,
    new_tickets,
    wait_for_end,
    wait_for_work,
)  # fmt: skip

WATCH = 1e-3  # seconds that a helper watches before it sleeps: more than between two kernels of a training step
WATCH_END = 1e-4  # seconds that the caller watches for the end of the others' last pieces before it sleeps as long
SAMPLE = 4096  # looks that are timed, to know how many a second has


class Kernel:
    """A kernel at work: what each thread calls, how many helpers may begin, how many have, and what they raised."""

    def __init__(self, work, wanted):
        self.work, self.wanted, self.begun, self.errors = work, wanted, 0, []


class Team:
    """``count`` threads of one process, the calling one among them. It serves one caller at a time."""

    def __init__(self, count):
        self.process, self.count = os.getpid(), count  # a forked child has no threads: it must make its own team
        self.closed = False
        self._busy, self._lock = threading.Lock(), threading.Lock()  # the second guards all that follows
        self._kernel, self._tickets = None, new_tickets()
        self._bell, self._helpers, self._asleep = queue.SimpleQueue(), [], 0
        self._looks = 0  # of a helper; known when the first is started

    def __del__(self):
        self.close()

    def close(self):
        """Let the helpers end. Whoever calls from now on works alone."""
        self.closed = True
        for _ in self._helpers:
            self._bell.put(None)

    def end(self):
        """Close, and wait for the helpers: Python must not end while one of them is in compiled code."""
        self.close()
        for helper in self._helpers:
            helper.join(timeout=1)

    def run(self, work, count):
        """Call ``work(tickets)`` in up to ``count`` threads at once; return when none of them works any more.

        Raises what a thread raised, and InputError if the system has no more threads.
        """
        wanted = 0 if self.closed else min(self.count, count) - 1
        if wanted < 1 or not self._busy.acquire(blocking=False):
            work(new_tickets(first=0))
            return
        try:
            self._hire(wanted)
            errors = self._share(Kernel(work, wanted))
        except InputError:
            raise
        except BaseException:  # Ctrl-C between two lines of this file: a helper may still be at work
            self.close()
            raise
        finally:
            self._busy.release()
        for error in errors:
            raise error

    def _hire(self, wanted):
        """Start helpers that are not there yet."""
        if not self._helpers and self.count <= default_threads() and not numba.config.DISABLE_JIT:
            wait_for_end(self._tickets, -1, 1)  # now it is compiled
            start = time.perf_counter()
            wait_for_end(self._tickets, -1, SAMPLE)
            self._looks = int(WATCH / (time.perf_counter() - start) * SAMPLE)
        while len(self._helpers) < wanted:
            arguments = weakref.ref(self), self._bell
            helper = threading.Thread(target=_help, args=arguments, name="numpyssd", daemon=True)
            try:
                helper.start()
            except RuntimeError as reason:
                sentence = f"the kernels get no further thread ({reason}); set NUMPYSSD_THREADS to fewer"
                raise InputError(sentence) from None
            self._helpers.append(helper)

    def _share(self, kernel):
        """Work while the helpers may join; return the errors when all have ended."""
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
            kernel.errors.append(error)
        with self._lock:
            self._kernel = None  # nobody begins any more
            tickets[NEXT] = CLOSED
        while not wait_for_end(tickets, kernel.begun, max(1, int(self._looks * WATCH_END / WATCH))):
            time.sleep(WATCH_END)
        return kernel.errors

    def serve(self):
        """Work as a helper until there is nothing to do for a while; return False when the team has closed."""
        seen, ended = 0, False
        while not self.closed:
            watch, ended = end_and_wait_for_work if ended else wait_for_work, False
            if not watch(self._tickets, seen, self._looks):
                with self._lock:
                    if self._kernel is None or self._tickets[KERNEL] == seen:
                        self._asleep += 1
                        return not self.closed
            with self._lock:
                kernel, seen = self._kernel, int(self._tickets[KERNEL])
                ended = kernel is not None and kernel.begun < kernel.wanted
                if ended:
                    kernel.begun += 1
            if ended:
                try:
                    kernel.work(self._tickets)
                except BaseException as error:
                    kernel.errors.append(error)
            kernel = None  # its arrays must not live on here: who waits for the end may free them, and need the memory
        if ended:
            end_and_wait_for_work(self._tickets, seen, 0)
        return False


def _help(team, bell):
    """Serve a team, a weak reference, as often as its bell rings; the team must be free to go while this sleeps."""
    while (alive := team()) is not None and alive.serve():
        del alive
        bell.get()
