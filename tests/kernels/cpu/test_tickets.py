"""Tickets: each number goes to one thread, in compiled code as in Python, and nobody waits longer than told."""

import threading
import time

import numba
import numpy as np
import pytest

from numpyssd.kernels.cpu.runtime.jit import OPTIONS
from numpyssd.kernels.cpu.runtime.tickets import (
    CLOSED,
    ENDED,
    NEXT,
    WORK,
    new_board,
    of_caller,
    of_helper,
    taken,
    wait_for_end,
    wait_for_work,
)  # fmt: skip


def mark(tickets, count, marks):
    for number in taken(tickets, count):
        marks[number] += 1


compiled = mark if numba.config.DISABLE_JIT else numba.njit(**OPTIONS)(mark)


def opened():
    board = new_board()
    board[NEXT], board[WORK] = 0, 7
    return board


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="in Python a lock makes it so, slowly")
def test_each_number_goes_to_one_thread():
    count = 3_000_000
    compiled(of_caller(opened()), 1, np.zeros(1, np.int64))
    board, marks = opened(), [np.zeros(count, np.uint8) for _ in range(3)]
    own = [threading.Thread(target=compiled, args=(of_helper(board, 0), count, row)) for row in marks]
    for thread in own:
        thread.start()
    for thread in own:
        thread.join()
    assert (np.sum(marks, axis=0) == 1).all()
    assert board[ENDED] == 3
    assert board[NEXT] == count + 3


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_caller_does_not_count_as_a_helper_that_ended(count):
    for tickets, ended in ((of_caller(opened()), 0), (of_helper(opened(), 3), 1)):
        marks = np.zeros(6, np.int64)
        compiled(tickets, count, marks)
        assert marks.tolist() == [1] * count + [0] * (6 - count)
        assert tickets.board[ENDED] == ended
        assert tickets.ended[0] == 1


@pytest.mark.parametrize(
    ("number", "work", "seen", "expected"),
    [(CLOSED, 7, 3, False), (0, 7, 3, False), (1, 7, 3, True), (99, 7, 3, True), (1, 3, 3, False)],
)
def test_work_has_begun_when_its_first_number_is_taken(number, work, seen, expected):
    board = new_board()
    board[NEXT], board[WORK] = number, work
    assert wait_for_work(board, seen, 10) is expected
    assert wait_for_work(board, seen, 0) is False


def test_a_change_by_another_thread_is_seen():
    board = opened()
    assert not wait_for_end(board, 1, 0)
    threading.Timer(0.02, lambda: board.__setitem__(ENDED, 1)).start()
    deadline = time.monotonic() + 10
    while not wait_for_end(board, 1, 1000):
        assert time.monotonic() < deadline
