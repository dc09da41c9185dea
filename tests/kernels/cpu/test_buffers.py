"""memory: a buffer comes back when nobody sees it any more, never before, and not too much is kept."""

import gc
import subprocess
import sys
import threading
from collections import OrderedDict

import numpy as np
import pytest

from numpyssd.kernels import cpu
from numpyssd.kernels.cpu.runtime import buffers as memory
from numpyssd.layers import Conv2d

SIZE = memory.MIN_BYTES // 4  # of float32: the smallest that is kept


@pytest.fixture(autouse=True, scope="module")
def what_lives_already():
    """Let the collections below pass over all that pytest holds: without this, each takes a third of a second."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def of_its_own(monkeypatch):
    """Give each test a memory in which nothing is in use and nothing is kept."""
    gc.collect()
    monkeypatch.setattr(memory, "_free", OrderedDict())
    monkeypatch.setattr(memory, "_bytes", {"in use": 0, "peak": 0, "free": 0})
    monkeypatch.setattr(memory, "SHARE", 0)
    yield
    gc.collect()


def place(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.int64])
@pytest.mark.parametrize("shape", [(1 << 19,), (2, 3, 300, 300), (np.int64(700), 600, 1), (3, 0, 5), (), (7,)])
def test_shape_and_dtype_are_exact(shape, dtype):
    array = memory.empty(shape, dtype)
    assert isinstance(array, np.ndarray)
    assert (array.shape, array.dtype) == (shape, dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    array[...] = 7
    assert (array == 7).all()


def test_used_again_when_the_array_is_gone():
    array = memory.empty((SIZE,), np.float32)
    first = place(array)
    del array
    assert memory._bytes == {"in use": 0, "peak": memory.MIN_BYTES, "free": memory.MIN_BYTES}
    array = memory.empty((SIZE // 4, 2), np.float64)  # any array of as many bytes
    assert (place(array), array.shape) == (first, (SIZE // 4, 2))
    assert memory._bytes == {"in use": memory.MIN_BYTES, "peak": memory.MIN_BYTES, "free": 0}
    other = memory.empty((SIZE,), np.float32)
    assert not np.shares_memory(array, other)


def test_takes_the_smallest_buffer_that_fits():
    arrays = [memory.empty((factor * SIZE // 4,), np.float32) for factor in (16, 5, 6, 4)]
    places = {array.size: place(array) for array in arrays}
    del arrays
    array = memory.empty((SIZE + 1,), np.float32)
    assert place(array) == places[5 * SIZE // 4]
    array[...] = 7
    other = memory.empty((SIZE + 1,), np.float32)
    assert place(other) == places[6 * SIZE // 4]
    third = memory.empty((SIZE + 1,), np.float32)  # 16 / 4 would be a waste, and 4 / 4 is too small
    assert place(third) not in places.values()
    other[...], third[...] = 8, 9
    assert (array == 7).all()


VIEWS = {
    "view": lambda a: a.view(),
    "bytes": lambda a: a.view(np.uint8),
    "one number": lambda a: a[5, 7:8],
    "every other": lambda a: a[1::2, ::3],
    "reshaped": lambda a: a.reshape(-1),
    "transposed": lambda a: a.T,
    "a view of views": lambda a: a.reshape(-1)[3:].T[::2].view(),
    "as an array": lambda a: np.asarray(a)[None],
    "subclass": lambda a: a.view(np.recarray),
    "memoryview": lambda a: memoryview(a[1]),
    "flat": lambda a: a.flat,
    "broadcast": lambda a: np.broadcast_to(a, (2, *a.shape)),
}


@pytest.mark.parametrize("make", VIEWS.values(), ids=VIEWS.keys())
def test_not_used_again_while_a_view_is_alive(make):
    array = memory.empty((SIZE // 64, 64), np.float32)
    array[...] = 3
    first, seen = place(array), make(array)
    del array
    others = [memory.empty((SIZE,), np.float32) for _ in range(3)]
    assert first not in [place(other) for other in others]
    for other in others:
        other[...] = 4
    assert (np.frombuffer(np.array(seen).tobytes(), np.float32) == 3).all()
    del seen
    assert place(memory.empty((SIZE,), np.float32)) == first


def test_small_ones_are_left_to_numpy():
    array = memory.empty((SIZE - 1,), np.float32)
    assert memory._bytes["in use"] == 0
    assert array.flags.owndata
    array = memory.empty((SIZE,), np.float32)
    assert memory._bytes["in use"] == memory.MIN_BYTES


def test_kept_memory_stays_within_the_slack(rng, monkeypatch):
    monkeypatch.setattr(memory, "SLACK", 4 * SIZE)
    alive, most = [], 0
    for _ in range(400):
        if rng.random() < 0.5 and alive:
            del alive[rng.integers(len(alive))]
        else:
            alive.append(memory.empty((SIZE + int(rng.integers(5)) * 30_000,), np.float32))
        needed, kept = sum(a.nbytes for a in alive), sum(b.nbytes for b in memory._free.values())
        in_use = memory._bytes["in use"]
        most = max(most, in_use)
        assert needed <= in_use <= memory.MAX_WASTE * needed
        assert memory._bytes == {"in use": in_use, "peak": most, "free": kept}
        assert in_use + kept <= most + memory.SLACK
    assert memory._free


def test_half_of_what_was_in_use_may_lie_free(monkeypatch):
    monkeypatch.setattr(memory, "SLACK", SIZE)
    monkeypatch.setattr(memory, "SHARE", 0.5)
    sizes = [SIZE] * 8, [5 * SIZE] * 2  # of the second no array fits into a buffer of the first
    for size in sizes:
        arrays = [memory.empty((n,), np.float32) for n in size]
        del arrays
    assert memory._bytes["peak"] == 40 * SIZE
    assert memory._bytes["free"] == 60 * SIZE  # two of 20 and five of 4


def test_other_sizes_push_out_the_oldest(monkeypatch):
    # As when images of another size come: the buffers of the last size must not stay beside the new ones.
    monkeypatch.setattr(memory, "SLACK", SIZE)
    array = memory.empty((4 * SIZE,), np.float32)
    del array
    array = memory.empty((4 * SIZE + 1,), np.float32)
    assert not memory._free
    del array
    arrays = [memory.empty((SIZE + n,), np.float32) for n in range(4)]
    assert memory._bytes["in use"] + memory._bytes["free"] <= memory._bytes["peak"] + memory.SLACK
    del arrays


def test_an_array_may_go_while_a_buffer_is_searched():
    # Python collects garbage whenever it likes, and an array in it then comes back in the middle of the search.
    garbage = [memory.empty((SIZE + n,), np.float32) for n in range(3)]

    class Buffer:
        @property
        def nbytes(self):
            garbage[:] = []
            return 1

    for _ in range(3):
        buffer = Buffer()
        memory._free[id(buffer)] = buffer
    array = memory.empty((SIZE + 1,), np.float32)
    assert array.shape == (SIZE + 1,)
    assert memory._bytes["in use"] == array.nbytes


def test_the_chosen_buffer_may_be_pushed_out_while_it_is_searched(monkeypatch):
    monkeypatch.setattr(memory, "SLACK", SIZE)
    chosen = memory.empty((SIZE + 1,), np.float32)
    del chosen  # now it is the oldest
    garbage = [memory.empty((3 * SIZE,), np.float32)]

    class Buffer:
        @property
        def nbytes(self):
            garbage[:] = []
            return 1

    buffer = Buffer()
    memory._free[id(buffer)] = buffer
    memory._bytes["free"] += 1
    array = memory.empty((SIZE + 1,), np.float32)
    array[...] = 7
    assert memory._bytes["free"] == sum(kept.nbytes for kept in memory._free.values())


def test_threads_do_not_get_each_others_memory():
    wrong = []

    def work(number):
        for i in range(200):
            array = memory.empty((SIZE + i % 2,), np.float32)
            array[...] = number
            half = array[::2]
            del array
            if not (half == number).all():
                wrong.append(number)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert not any(worker.is_alive() for worker in workers)
    assert wrong == []
    assert memory._bytes["in use"] == 0
    assert memory._bytes["free"] == sum(b.nbytes for b in memory._free.values())


@pytest.mark.parametrize("backward", [False, True])
def test_results_are_not_overwritten_by_the_next_ones(backward, rng):
    x, weight = rng.standard_normal((1, 60, 60, 16)).astype(np.float32), rng.standard_normal((3, 3, 16, 20))
    weight, bias = weight.astype(np.float32), np.zeros(20, np.float32)
    layer, results, copies = Conv2d("conv", rng, 16, 20, 3, padding=1, relu=True), [], []
    for i in range(4):
        out = cpu.conv2d_forward(x + i, weight, bias, padding=1)
        results += [out, layer.forward(x + i)]
        if backward:
            results += [*cpu.conv2d_backward(out, x, weight, padding=1), layer.backward(out), layer.weight.grad]
        copies += [array.copy() for array in results[len(copies) :]]
    assert any(array.nbytes >= memory.MIN_BYTES for array in results)
    for array, copy in zip(results, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_nothing_is_said_when_python_ends_with_arrays_alive():
    script = """
import sys
from numpyssd.kernels.cpu.runtime import buffers as memory
class Node: pass
node = Node()
node.node, node.array = node, memory.empty((1 << 20,), "f4")
sys.kept = node, memory.empty((1 << 20,), "f4")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_script_ends_quietly_with_arrays_alive():
    # At its end Python takes modules apart before the arrays of the script are gone.
    script = """
import numpy as np
from numpyssd.config import TINY
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.model.ssd import SSD
held = empty((1 << 20,), np.float32)
model = SSD(TINY)
model.forward(np.zeros((8, 64, 64, 3), np.float32))
"""
    # It compiles where no code is on disk: seconds, but minutes under qemu (make check-arm) beside other work.
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
