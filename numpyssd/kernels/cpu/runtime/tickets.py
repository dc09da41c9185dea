"""Tickets: a counter in memory that gives the numbers of the pieces of work, each to one thread, in compiled code.

    piece = take(tickets)                  # in every thread that works
    while piece < len(pieces):
        ...
        piece = take(tickets)

Taking a number needs no lock: no other thread can interrupt it. A piece of a small map takes ten microseconds, and a
call from Python for each would cost as much. Who waits, waits in compiled code too, so that Python's lock is free for
who works. (A generator would read better, but Numba's never give back the memory of their arrays.)
"""

import numpy as np

from numpyssd.kernels.cpu.runtime.atomics import add_one, look, pause
from numpyssd.kernels.cpu.runtime.jit import inner, njit

# Entries of the tickets, each in a cache line of its own: the next number; of which kernel it is; how many helpers have
# ended with that kernel; whether helpers shall leave.
NEXT, KERNEL, ENDED, LEAVE = 16, 32, 48, 64
CLOSED = 1 << 62  # the next number, between two kernels


def new_tickets(first=CLOSED):
    """Return tickets, an int64 array, of which ``first`` is the next number; by default, of no kernel."""
    tickets = np.zeros(80, np.int64)
    tickets[NEXT] = first
    return tickets


@inner
def take(tickets):
    """Return the next number; no other thread gets it."""
    return add_one(tickets, NEXT)


@njit
def wait_for_work(tickets, seen, looks):
    """Return whether a number of another kernel than number ``seen`` has been taken; look at most ``looks`` times.

    Another kernel may be there when this is False: its caller has not begun yet.
    """
    for _ in range(looks):
        if look(tickets, KERNEL) != seen and 0 < look(tickets, NEXT) < CLOSED:
            return True
        if look(tickets, LEAVE) != 0:
            return False
        pause()
    return False


@njit
def end_and_wait_for_work(tickets, seen, looks):
    """Say that a helper has ended with kernel number ``seen``, and wait for another one."""
    add_one(tickets, ENDED)
    return wait_for_work(tickets, seen, looks)


@njit
def wait_for_end(tickets, helpers, looks):
    """Return whether so many helpers have ended; look at most ``looks`` times."""
    for _ in range(looks):
        if look(tickets, ENDED) == helpers:
            return True
        pause()
    return look(tickets, ENDED) == helpers
