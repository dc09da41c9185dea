"""Threads: any number of them gives the same bits, in a forked child too, and their number is a sensible one."""

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

import numba
import numpy as np
import pytest
import threadpoolctl
from numba.core.runtime import _nrt_python, rtsys

from numpyssd.errors import InputError
from numpyssd.kernels import cpu, reference
from numpyssd.kernels.cpu.runtime import threads
from numpyssd.kernels.cpu.runtime.cores import default_threads


@pytest.fixture(autouse=True)
def previous_threads():
    """Leave the number of threads as it was found."""
    before = threads._state["team"]
    yield
    threads._state["team"] = before


def everything(seed=0):
    """Run every kernel with its gradients, on shapes that make several pieces of work each; return all arrays."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    found = {}
    for name, shape, kernel, geometry in (
        ("3x3", (3, 40, 41, 17), 3, (1, 1, 1)),  # several strips for each image, and a rest
        ("3x3 of few channels", (2, 40, 41, 3), 3, (1, 1, 1)),
        ("3x3 stride 2", (2, 41, 40, 16), 3, (2, 1, 1)),
        ("3x3 dilation 6", (2, 19, 19, 33), 3, (1, 6, 6)),
        ("1x1", (2, 60, 61, 24), 1, (1, 0, 1)),
    ):
        x, weight, bias = normal(*shape), normal(kernel, kernel, shape[3], 19), normal(19)
        relu = geometry[0] == 1
        out = cpu.conv2d_forward(x, weight, bias, *geometry, relu)
        gradients = cpu.conv2d_backward(normal(*out.shape), x, weight, *geometry, out=out if relu else None)
        found |= {f"conv2d {name} {i}": a for i, a in enumerate((out, *gradients))}
    x, dout, scale, shift = normal(2, 45, 47, 20), normal(2, 45, 47, 20), normal(20), normal(20)
    pooled, argmax = cpu.maxpool2d_forward(x, 3, 2, 1, True)
    found |= {"maxpool": pooled, "argmax": argmax}
    found["maxpool dx"] = cpu.maxpool2d_backward(normal(*pooled.shape), argmax, x.shape, 3, 2, 1)
    found["relu"] = cpu.relu_forward(x)
    found["relu dx"] = cpu.relu_backward(dout, found["relu"])
    found["l2norm"] = cpu.l2norm_forward(x, scale)
    found["l2norm dx"], found["l2norm dscale"] = cpu.l2norm_backward(dout, x, scale)
    mean, variance = cpu.batchnorm_statistics(x)
    found |= {"mean": mean, "variance": variance, "batchnorm": cpu.batchnorm_forward(x, mean, variance, scale, shift)}
    gradients = cpu.batchnorm_backward(dout, x, mean, variance, scale)
    found |= {f"batchnorm {name}": a for name, a in zip(("dx", "dscale", "dshift"), gradients)}
    found["pooled"], kept = cpu.batchnorm_maxpool_forward(x, mean, variance, scale, shift, 2)
    gradients = cpu.batchnorm_maxpool_backward(normal(*found["pooled"].shape), kept, x, mean, variance, scale, 2)
    found |= {f"pooled {name}": a for name, a in zip(("dx", "dscale", "dshift"), gradients)}
    found["add"] = cpu.add(x, dout)
    value, velocity = normal(3, 3, 90, 100), normal(3, 3, 90, 100)
    cpu.sgd_step(value, normal(3, 3, 90, 100), velocity, 0.1, 0.9, 0.01)
    return found | {"value": value, "velocity": velocity}


def same_bits(found, expected):
    """Return the names of the arrays that differ in any bit."""
    return [name for name in expected if found[name].tobytes() != expected[name].tobytes()]


@pytest.fixture(scope="module")
def with_one_thread():
    """Everything, by one thread."""
    threads.set_threads(1)
    return everything()


def test_every_kernel_is_here(with_one_thread):
    # A kernel that is added must be added above too.
    own = (name for name in cpu.__all__ if getattr(cpu, name) is not getattr(reference, name))
    names = {name.split("_")[0] for name in own} - {"warm", "sgd", "clear", "set", "thread", "NAME"}
    assert all(any(key.startswith(name.removesuffix("2d")) for key in with_one_thread) for name in names)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_threads_gives_the_same_bits(count, with_one_thread):
    threads.set_threads(count)
    for _ in range(3):  # who takes which piece is different every time
        assert same_bits(everything(), with_one_thread) == []


def test_a_difference_would_be_seen(with_one_thread):
    other = {name: array.copy() for name, array in with_one_thread.items()}
    other["add"][0, 0, 0, 0] = np.nextafter(other["add"][0, 0, 0, 0], np.float32(np.inf))
    assert same_bits(other, with_one_thread) == ["add"]


def child(expected):
    sys.exit(len(same_bits(everything(), expected)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_makes_threads_of_its_own(with_one_thread):
    threads.set_threads(2)
    cpu.relu_forward(np.ones((4, 200_000), np.float32))  # now the pool has a thread, which a fork does not copy
    process = multiprocessing.get_context("fork").Process(target=child, args=(with_one_thread,))
    process.start()
    process.join(timeout=60)
    hangs = process.is_alive()
    if hangs:
        process.kill()
    assert not hangs, "the child waits for threads that it does not have"
    assert process.exitcode == 0
    assert same_bits(everything(), with_one_thread) == []  # and the parent has not lost its own


def test_a_spawned_child_gives_the_same_bits(rng):
    x, weight = rng.standard_normal((2, 40, 41, 17)).astype(np.float32), rng.standard_normal((3, 3, 17, 19))
    arguments = x, weight.astype(np.float32), np.zeros(19, np.float32), 1, 1
    threads.set_threads(2)
    expected = cpu.conv2d_forward(*arguments)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(cpu.conv2d_forward, *arguments).result(timeout=60)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_two_at_once_in_one_process_give_the_same_bits(count, with_one_thread):
    # Each thread of Python runs everything; they share the team, which serves one of them at a time,
    # the memory for results and the table of weights.
    threads.set_threads(count)
    expected, differences = {0: with_one_thread, 1: everything(1)}, {}

    def work(number):
        differences[number] = [name for _ in range(3) for name in same_bits(everything(number), expected[number])]

    workers = [threading.Thread(target=work, args=(number,), daemon=True) for number in expected]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert not any(worker.is_alive() for worker in workers), "they wait for each other"
    assert differences == {0: [], 1: []}


BLAS = """
import numpy as np
from threadpoolctl import threadpool_info
from numpyssd.kernels import cpu, reference
cpu.warm_up()
pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "scipy.libs" not in pool["filepath"]]
assert pools and all(pool["num_threads"] == 1 for pool in pools), pools
"""


def test_blas_is_held_to_one_thread():
    # No kernel calls it, but NumPy does, beside the kernels: two pools of threads that compete are twice as slow, and a
    # sum that BLAS cuts by its own threads need not have the same bits. (SciPy's, where it is installed, nobody calls.)
    result = subprocess.run([sys.executable, "-c", BLAS], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr


def test_a_blas_that_threadpoolctl_does_not_find_stops_nobody(monkeypatch):
    # As Accelerate, which NumPy multiplies with on newer Macs.
    monkeypatch.setattr(threadpoolctl.ThreadpoolController, "_load_libraries", lambda controller: None)
    assert threadpoolctl.threadpool_info() == []
    threads.set_threads(2)
    assert threads.thread_count() == 2


def test_set_threads(monkeypatch):
    threads.set_threads(3)
    assert threads.thread_count() == 3
    monkeypatch.setenv("NUMPYSSD_THREADS", "2")
    threads.set_threads()
    assert threads.thread_count() == 2
    monkeypatch.delenv("NUMPYSSD_THREADS")
    threads.set_threads()
    assert threads.thread_count() == default_threads()


@pytest.mark.parametrize("count", [-1, 1025, 10**6, 10**30])
def test_a_number_of_threads_that_cannot_be(count):
    with pytest.raises(InputError, match=f"^threads must be a whole number from 1 to 1024, not {count}$"):
        threads.set_threads(count)


@pytest.mark.parametrize("text", ["abc", "0", "-2", "2.5", "10000", "9" * 5000])
def test_a_variable_that_is_no_number_of_threads(text, monkeypatch):
    monkeypatch.setenv("NUMPYSSD_THREADS", text)
    with pytest.raises(InputError, match="^NUMPYSSD_THREADS must be a whole number from 1 to 1024, not "):
        threads.set_threads()


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_kernels_keep_no_memory():
    # A generator of Numba's once kept what it had been given.
    threads.set_threads(2)
    values = np.ones(1 << 17, np.float32)  # two pieces
    for array in (values, values[:100]):
        cpu.relu_forward(array)
        gc.collect()
        before = memory_of_numba()
        for _ in range(50):
            cpu.relu_forward(array)
        assert memory_of_numba() < before + 10  # a helper that waits has one


def memory_of_numba():
    """Return how many blocks of memory compiled code has not given back."""
    _nrt_python.memsys_enable_stats()
    statistics = rtsys.get_allocation_stats()
    return statistics.mi_alloc - statistics.mi_free


@pytest.mark.parametrize(("count", "length"), [(0, 5), (1, 5), (10, 5), (11, 5), (3, 0), (7, 2.9)])
def test_spans_cover_the_range_in_order(count, length):
    pieces = threads.spans(count, length)
    assert [i for start, stop in pieces for i in range(start, stop)] == list(range(count))
    assert all(0 < stop - start <= max(1, length) for start, stop in pieces)


def test_scratch_is_kept_and_belongs_to_one_dtype():
    first = threads.scratch("test", (4, 5), np.float32)
    assert np.shares_memory(threads.scratch("test", (2, 3), np.float32), first)
    assert not np.shares_memory(threads.scratch("test", (4, 5), np.float64), first)
    assert threads.scratch("test", (40, 5), np.float32).shape == (40, 5)
