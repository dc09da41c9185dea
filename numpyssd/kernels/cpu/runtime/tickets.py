"""Tickets: a counter in memory that gives the numbers of the pieces of work, each to one thread, in compiled code.

    for piece in taken(tickets, len(pieces)):          # in every thread that works
        ...

Taking a number is one instruction of the processor that no other thread can interrupt, and needs no lock of Python: a
piece of a small map takes ten microseconds, and a call from Python for each would cost as much. A helper that gets no
number any more stays in compiled code, too, and watches the counter until the next work begins. Then it finds Python's
lock free, where it would have slept for it otherwise, since the caller works in Python between two kernels.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.kernels.cpu.runtime.atomics import add_one, look, pause
from numpyssd.kernels.cpu.runtime.jit import inner, njit

NEXT, WORK, ENDED = 0, 8, 16  # entries of the board, each in a cache line of its own
CLOSED = 1 << 62  # the next number, between two kernels


class Tickets(NamedTuple):
    """What a thread takes its numbers from."""

    board: np.ndarray  # int64; NEXT: the next number; WORK: of which kernel; ENDED: helpers that have ended with it
    ended: np.ndarray  # int64 (1,); 0 for a helper that is not counted in ENDED yet
    looks: int  # how often a helper looks for the next kernel


def new_board():
    """Return a board without work."""
    board = np.zeros(24, np.int64)
    board[NEXT] = CLOSED
    return board


def of_caller(board):
    """Return the tickets of the thread that waits for all others."""
    return Tickets(board, np.ones(1, np.int64), 0)


def of_helper(board, looks):
    """Return the tickets of a helper."""
    return Tickets(board, np.zeros(1, np.int64), looks)


@njit
def wait_for_work(board, seen, looks):
    """Return whether another kernel than number ``seen`` is at work; look at most ``looks`` times."""
    for _ in range(looks):
        if look(board, WORK) != seen and 0 < look(board, NEXT) < CLOSED:
            return True
        pause()
    return False


@njit
def wait_for_end(board, helpers, looks):
    """Return whether so many helpers have ended; look at most ``looks`` times."""
    for _ in range(looks):
        if look(board, ENDED) == helpers:
            return True
        pause()
    return look(board, ENDED) == helpers


@inner
def taken(tickets, count):
    """Yield the numbers below count that this thread gets; a helper then watches for the next kernel."""
    board = tickets.board
    number = add_one(board, NEXT)
    while number < count:
        yield number
        number = add_one(board, NEXT)
    if tickets.ended[0] == 0:
        tickets.ended[0] = 1
        seen = look(board, WORK)
        add_one(board, ENDED)
        wait_for_work(board, seen, tickets.looks)
