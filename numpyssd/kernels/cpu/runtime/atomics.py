"""What threads in compiled code agree on: a number in memory that each of them reads and raises.

    before = add_one(board, 0)      # no other thread sees the number in between
    while look(board, 0) == 3:      # read again each time; a plain read might be done once for all
        pause()

The functions below are plain Python; atomics_lowering.py tells Numba which instructions they become.
"""

import threading

_lock = threading.Lock()


def add_one(board, entry):
    """Add 1 to an entry of an int64 array, at once for all threads, and return what it was."""
    with _lock:
        before = int(board[entry])
        board[entry] = before + 1
    return before


def look(board, entry):
    """Return an entry of an int64 array that another thread may change."""
    return board[entry]


def pause():
    """Let another thread have this processor, if one waits for it: a loop that watches must not hold up who works."""
