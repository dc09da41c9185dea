"""Tickets: a counter in memory that gives the numbers of the pieces of work, each to one thread, in compiled code.

    for piece in taken(tickets, len(pieces)):          # in every thread that works
        ...

Taking a number is one instruction of the processor that no other thread can interrupt, and needs no lock of Python: a
piece of a small map takes ten microseconds, and a call from Python for each would cost as much. Who waits, waits in
compiled code too, so that Python's lock is free for who works.
"""

import numpy as np

from numpyssd.kernels.cpu.runtime.atomics import add_one, look, pause
from numpyssd.kernels.cpu.runtime.jit import inner, njit

# Entries of the tickets, each in a cache line of its own: the next number; of which kernel it is; how many helpers have
# ended with that kernel.
NEXT, KERNEL, ENDED = 0, 8, 16
CLOSED = 1 << 62  # the next number, between two kernels


def new_tickets(first=CLOSED):
    """Return tickets, an int64 array, of which ``first`` is the next number; by default, of no kernel."""
    tickets = np.zeros(24, np.int64)
    tickets[NEXT] = first
    return tickets


@inner
def taken(tickets, count):
    """Yield the numbers below count that this thread gets."""
    number = add_one(tickets, NEXT)
    while number < count:
        yield number
        number = add_one(tickets, NEXT)


@njit
def wait_for_work(tickets, seen, looks):
    """Return whether another kernel than number ``seen`` is at work; look at most ``looks`` times."""
    for _ in range(looks):
        if look(tickets, KERNEL) != seen and 0 < look(tickets, NEXT) < CLOSED:
            return True
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
