"""Faults planted into the kernels' own text: each is caught by the check that is meant to."""

import numpy as np
import pytest
from checking import assert_same_bits, assert_sums, exactly, host, normal
from executor import KernelError
from planting import plant, running

from numpyssd.kernels import reference
from numpyssd.kernels.cuda import arrays, conv2d, conv2d_gradients, l2norm, maxpool2d
from numpyssd.kernels.cuda.runtime import sums
from numpyssd.kernels.cuda.runtime.memory import to_device

READ = "        cuda.syncthreads()  # until the K tile is complete\n"
WRITE = "        cuda.syncthreads()  # until all threads have read it\n"
LEAVE = "    if {}:\n        return\n"


def convolve(module, rng):
    """Run a module's convolution, and compare."""
    x, weight, bias = normal(rng, (1, 9, 9, 5), (3, 3, 5, 4), (4,))
    out = host(module.conv2d_forward(x, weight, bias, 1, 1))
    exact = reference.conv2d_forward(*exactly(x, weight, bias), 1, 1)
    assert_sums(out, exact, reference.conv2d_forward(*map(abs, exactly(x, weight, bias)), 1, 1), 45)


def assert_finite(arrays):
    """Assert that nothing came of rubbish."""
    assert all(np.isfinite(a).all() for a in arrays)


def differentiate(module, rng):
    """Run a module's gradients, and compare that of the weights."""
    x, weight, dout = normal(rng, (1, 23, 23, 2), (3, 3, 2, 3), (1, 23, 23, 3))
    found = host(module.conv2d_backward(dout, x, weight, 1, 1))
    exact = reference.conv2d_backward(*exactly(dout, x, weight), 1, 1)
    sizes = reference.conv2d_backward(*map(abs, exactly(dout, x, weight)), 1, 1)
    for ours, theirs, size in zip(found, exact, sizes):
        assert_sums(ours, theirs, size, 529)


def test_a_module_made_anew_without_a_fault_passes(tmp_path, rng):
    for module, run in ((conv2d, convolve), (conv2d_gradients, differentiate)):
        same = plant(module, "NOWHERE = 1 << 31", "NOWHERE = 1 << 31", tmp_path)
        with running(same):
            run(same, rng)


@pytest.mark.parametrize("barrier", [READ, WRITE], ids=["before reading", "before writing again"])
def test_a_missing_barrier_gives_other_numbers(tmp_path, rng, barrier):
    faulty = plant(conv2d, barrier, "", tmp_path)
    with running(faulty), pytest.raises(AssertionError, match="another order of threads|as far off"):
        convolve(faulty, rng)


@pytest.mark.parametrize(
    "line",
    [
        "    lanes[thread] = value\n    cuda.syncthreads()\n",
        "            lanes[thread] += lanes[uint32(thread + half)]\n        cuda.syncthreads()\n",
        "    total = lanes[0]\n    cuda.syncthreads()  # until all have read it: the next sum may begin\n",
    ],
    ids=["before the first half", "between halves", "after the sum"],
)
def test_a_missing_barrier_in_the_sum_of_a_block(tmp_path, rng, line):
    faulty = plant(sums, line, line.splitlines(keepends=True)[0], tmp_path)
    two_sums = plant(l2norm, "LANES = 128", "LANES = 128", tmp_path, block_sum=faulty.block_sum)
    x, scale = normal(rng, (1, 2, 2, 200), (200,))
    with running(two_sums), pytest.raises(AssertionError):
        assert_finite(host(two_sums.l2norm_backward(x, x, scale)))  # each order may read the rubbish that lay there


@pytest.mark.parametrize(
    ("module", "before", "line"),
    [
        (conv2d, "    for start in range(uint32(0), depth", LEAVE.format("uint32(first_pixel + thread) >= pixels")),
        (sums, "    total = block_sum(", LEAVE.format("uint32(first + thread) >= uint32(a.size)")),
        (sums, "    total = block_sum(", "    if thread < uint32(32):\n        cuda.syncthreads()\n"),
    ],
    ids=["a thread without a pixel leaves", "a thread without a number leaves", "a barrier for some"],
)
def test_a_barrier_that_not_all_reach_is_an_error(tmp_path, rng, module, before, line):
    faulty = plant(module, before, line + before, tmp_path)
    with running(faulty), pytest.raises(KernelError, match="barrier that others never reach"):
        convolve(faulty, rng) if module is conv2d else faulty.squares(normal(rng, (100,)))


@pytest.mark.parametrize(
    ("module", "old", "new", "run"),
    [
        (conv2d, "if k < depth and y < uint32(x.shape[1])", "if k < depth and y <= uint32(x.shape[1])", convolve),
        (conv2d_gradients, "if pixel < last:", "if pixel <= last:", differentiate),
        (
            conv2d_gradients,
            "inside = oy < uint32(dout.shape[1])",
            "inside = oy <= uint32(dout.shape[1])",
            differentiate,
        ),
        (conv2d_gradients, "last = min(uint32(first + part_pixels)", "last = min(uint32(first + 255)", differentiate),
    ],
    ids=["a row below the image", "a pixel of the next part", "a row below the output", "a pixel left out"],
)
def test_an_index_off_by_one_in_a_convolution(tmp_path, rng, module, old, new, run):
    faulty = plant(module, old, new, tmp_path)
    with running(faulty), pytest.raises(AssertionError):
        run(faulty, rng)


@pytest.mark.parametrize(("run", "size"), [("scale", "uint32(a.size)"), ("concatenate", "count")])
def test_a_number_outside_of_an_array_is_an_error(tmp_path, rng, run, size):
    faulty = plant(arrays, f"    if index < {size}:\n", f"    if index <= {size}:\n", tmp_path)
    (a,) = normal(rng, (1, 1, 1, 5))
    with running(faulty, seeds=(0,)), pytest.raises(AssertionError, match="wrote outside"):
        faulty.concatenate([a], 5) if run == "concatenate" else faulty.scale(to_device(a), 2)


def test_a_thread_too_few_leaves_rubbish(tmp_path, rng):
    faulty = plant(maxpool2d, "    if index < uint32(dx.size):", "    if index < uint32(dx.size - 1):", tmp_path)
    x = normal(rng, (1, 4, 4, 3))[0]
    out, argmax = reference.maxpool2d_forward(x, 2, 2)
    with running(faulty):
        assert np.isnan(host(faulty.maxpool2d_backward(out, argmax, x.shape, 2, 2))).sum() == 1


def test_shared_memory_out_of_bounds_is_an_error(tmp_path, rng):
    faulty = plant(sums, "    lanes[thread] = value\n", "    lanes[uint32(thread + 1)] = value\n", tmp_path)
    with running(faulty, seeds=(0,)), pytest.raises(KernelError, match="shared memory is written out of bounds"):
        faulty.squares(normal(rng, (5000,)))


def test_the_second_of_two_equals_wins_a_window(tmp_path):
    faulty = plant(maxpool2d, "value > best", "value >= best", tmp_path)
    x = np.ones((1, 2, 2, 1), np.float32)
    with running(faulty), pytest.raises(AssertionError):
        assert_same_bits(host(faulty.maxpool2d_forward(x, 2, 2)[1]), reference.maxpool2d_forward(x, 2, 2)[1])
