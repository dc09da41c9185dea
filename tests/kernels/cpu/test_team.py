"""The team of threads: it shares the pieces of a kernel, passes errors and Ctrl-C on, and ends when nobody needs it."""

import inspect
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest

from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime import team, threads, tickets
from numpyssd.kernels.cpu.runtime.atomics import add_one
from numpyssd.kernels.cpu.runtime.tickets import NEXT


@pytest.fixture(autouse=True)
def previous_threads():
    """Leave the number of threads as it was found."""
    before = threads._state["team"]
    yield
    threads._state["team"] = before


def parallel(function, count):
    """Call a function of Python with each number below count, as a kernel would, in the threads of the team."""

    def work(tickets):
        while (number := add_one(tickets, NEXT)) < count:
            function(number)

    threads.parallel(work, count)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_parallel_calls_each_piece_once(count):
    threads.set_threads(3)
    done = [0] * count

    def work(i):
        done[i] += 1

    parallel(work, count)
    assert done == [1] * count


def test_an_error_in_a_piece_comes_out():
    def work(i):
        if i == 7:
            raise KeyError("seven")

    for count in (1, 3):
        threads.set_threads(count)
        with pytest.raises(KeyError, match="seven"):
            parallel(work, 20)


def test_an_error_comes_out_when_nobody_works_any_more():
    # Until then the others still write to arrays that the caller would use again.
    busy, most = set(), []

    def work(i):
        busy.add(i)
        time.sleep(0 if i == 0 else 0.05)
        most.append(len(busy))
        busy.remove(i)
        if i < 2:
            raise KeyError(i)

    threads.set_threads(4)
    for _ in range(3):
        with pytest.raises(KeyError):
            parallel(work, 12)
        assert busy == set()
    assert max(most) > 1  # they did work at once


def test_ctrl_c_comes_out_and_the_threads_work_on():
    def work(i):
        if i == 3:
            signal.raise_signal(signal.SIGINT)  # whichever thread it is, Python tells the main one
        time.sleep(0.01)

    threads.set_threads(3)
    with pytest.raises(KeyboardInterrupt):
        parallel(work, 30)
    done = []
    parallel(done.append, 30)
    assert sorted(done) == list(range(30))


def test_a_system_without_further_threads_is_said_in_one_sentence(monkeypatch):
    def start(thread):
        raise RuntimeError("can't start new thread")

    threads.set_threads(3)
    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(InputError, match="no further thread .can't start new thread.; set NUMPYSSD_THREADS to fewer"):
        parallel(lambda i: None, 20)


def test_threads_end_when_others_take_their_place():
    before = set(threading.enumerate())
    threads.set_threads(4)
    parallel(lambda i: time.sleep(0.01), 8)
    own = set(threading.enumerate()) - before
    assert len(own) == 3
    threads.set_threads(1)
    for thread in own:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in own)


def test_the_number_may_change_while_another_thread_computes():
    def change():
        for count in (1, 2, 3) * 20:
            threads.set_threads(count)

    threads.set_threads(3)
    other = threading.Thread(target=change)
    other.start()
    while other.is_alive():
        done = []
        parallel(done.append, 20)
        assert sorted(done) == list(range(20))
    other.join()


def test_who_takes_no_tickets_is_not_waited_for():
    threads.set_threads(3)
    called = []
    for _ in range(20):
        threads.parallel(lambda tickets: [called.append(1), time.sleep(0.002)], 3)
    assert 20 <= len(called) <= 60


def test_a_kernel_inside_a_kernel_works_alone():
    threads.set_threads(3)
    found = []
    parallel(lambda i: parallel(lambda j: found.append((i, j)), 4), 5)
    assert sorted(found) == [(i, j) for i in range(5) for j in range(4)]


def test_helpers_that_sleep_are_woken():
    threads.set_threads(3)
    names = set()

    def work(i):
        names.add(threading.current_thread().name)
        time.sleep(0.02)

    for pause in (0, 0.05, 0):  # seconds; longer than a helper watches
        time.sleep(pause)
        names.clear()
        parallel(work, 6)
        assert "numpyssd" in names


def test_arrays_of_a_kernel_are_free_after_it():
    class Freed:
        pass

    threads.set_threads(3)
    array = Freed()
    seen = weakref.ref(array)
    parallel(lambda i, array=array: time.sleep(0.01), 6)
    del array
    deadline = time.monotonic() + 10
    while seen() is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen() is None


def test_ctrl_c_while_it_waits_for_the_others(monkeypatch):
    waits = []

    def interrupted(*arguments):
        waits.append(arguments)
        if len(waits) == 1:
            raise KeyboardInterrupt
        return tickets.wait_for_end(*arguments)

    threads.set_threads(2)
    before, own = threads._team(), set()
    while len(own) < 2:  # until a helper works too, and so is waited for
        parallel(lambda i: [own.add(threading.get_ident()), time.sleep(0.005)], 6)
    monkeypatch.setattr(team, "wait_for_end", interrupted)
    for _ in range(100):  # a helper that is late is not waited for
        try:
            parallel(lambda i: time.sleep(0.005), 6)
        except KeyboardInterrupt:
            break
    done = []
    parallel(done.append, 30)
    assert sorted(done) == list(range(30))
    assert before.closed
    assert threads._team() is not before
    assert threads.thread_count() == 2


def interrupt_at(function, offset):
    """Return a trace function that raises KeyboardInterrupt at a line of a function, counted from its first."""

    def trace(frame, event, argument):
        if frame.f_code is function.__code__:
            if event == "line" and frame.f_lineno - frame.f_code.co_firstlineno == offset:
                sys.settrace(None)
                raise KeyboardInterrupt
            return trace
        return None

    return trace


@pytest.mark.parametrize("method", ["run", "_share", "_finish"])
def test_ctrl_c_at_any_line(method):
    # No number may be taken once the call has returned, and the next kernel must have all of them.
    function, interrupted = getattr(team.Team, method), 0
    for offset in range(1, len(inspect.getsource(function).splitlines())):
        threads.set_threads(2)
        parallel(lambda i: None, 4)
        taken, count = [], 40
        sys.settrace(interrupt_at(function, offset))
        try:
            parallel(lambda i, taken=taken: [taken.append(i), time.sleep(0.0005)], count)
        except KeyboardInterrupt:
            interrupted += 1
        finally:
            sys.settrace(None)
        before = len(taken)
        time.sleep(0.003)
        assert len(taken) == before, offset
        again = []
        parallel(again.append, count)
        assert sorted(again) == list(range(count)), offset
    assert interrupted > 3


def test_ctrl_c_comes_out_also_where_a_helper_failed():
    main = threading.current_thread()

    def work(tickets):
        time.sleep(0.02)
        raise KeyboardInterrupt if threading.current_thread() is main else MemoryError

    threads.set_threads(2)
    with pytest.raises(KeyboardInterrupt):
        threads.parallel(work, 2)


AT_THE_END = """
import time
import weakref
from numpyssd.kernels.cpu.runtime import threads
threads.set_threads(3)
threads.parallel(lambda tickets: None, 50)
time.sleep(0.05)
"""


AT_WORK = """
import numpy as np
from numpyssd.kernels import cpu
cpu.set_threads(2)
for _ in range(50):
    cpu.relu_forward(np.ones(1 << 18, np.float32))
"""


@pytest.mark.parametrize("script", [AT_THE_END, AT_WORK], ids=["asleep", "watching"])
def test_python_ends_with_threads_that_wait_for_work(script):
    for _ in range(5):
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
