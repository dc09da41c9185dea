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
    KERNEL,
    LEAVE,
    NEXT,
    end_and_wait_for_work,
    new_tickets,
    take,
    wait_for_end,
    wait_for_work,
)


def mark(tickets, count, marks):
    number = take(tickets)
    while number < count:
        marks[number] += 1
        number = take(tickets)


compiled = mark if numba.config.DISABLE_JIT else numba.njit(**OPTIONS)(mark)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="in Python a lock makes it so, slowly")
def test_each_number_goes_to_one_thread():
    count = 3_000_000
    compiled(new_tickets(first=0), 1, np.zeros(1, np.uint8))
    tickets, marks = new_tickets(first=0), [np.zeros(count, np.uint8) for _ in range(3)]
    own = [threading.Thread(target=compiled, args=(tickets, count, row)) for row in marks]
    for thread in own:
        thread.start()
    for thread in own:
        thread.join()
    assert (np.sum(marks, axis=0) == 1).all()
    assert tickets[NEXT] == count + 3


@pytest.mark.parametrize("count", [0, 1, 5])
def test_one_thread_gets_all_numbers(count):
    marks = np.zeros(6, np.int64)
    compiled(new_tickets(first=0), count, marks)
    assert marks.tolist() == [1] * count + [0] * (6 - count)


def test_new_tickets_have_no_number():
    marks = np.zeros(6, np.int64)
    compiled(new_tickets(), 6, marks)
    assert not marks.any()


@pytest.mark.parametrize(
    ("number", "kernel", "seen", "expected"),
    [(CLOSED, 7, 3, False), (0, 7, 3, False), (1, 7, 3, True), (99, 7, 3, True), (1, 3, 3, False)],
)
def test_work_has_begun_when_its_first_number_is_taken(number, kernel, seen, expected):
    tickets = new_tickets(first=number)
    tickets[KERNEL] = kernel
    assert wait_for_work(tickets, seen, 10) is expected
    assert end_and_wait_for_work(tickets, seen, 10) is expected
    assert wait_for_work(tickets, seen, 0) is False
    assert tickets[ENDED] == 1


def test_a_helper_that_shall_leave_does_not_look_again():
    tickets = new_tickets()
    tickets[LEAVE] = 1
    started = time.monotonic()
    assert not wait_for_work(tickets, 0, 10**12)
    assert time.monotonic() - started < 60


def test_a_change_by_another_thread_is_seen():
    tickets = new_tickets()
    assert not wait_for_end(tickets, 1, 0)
    threading.Timer(0.02, lambda: tickets.__setitem__(ENDED, 1)).start()
    deadline = time.monotonic() + 10
    while not wait_for_end(tickets, 1, 1000):
        assert time.monotonic() < deadline
