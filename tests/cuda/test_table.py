"""No kernel escapes the checks: all are in the table, all are launched, and with what the table says."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from checking import host, normal
from double import MARGIN, Double, check_launch, in_place_of_the_gpu

from numpyssd import kernels
from numpyssd.kernels.cuda import arrays, conv2d, table
from numpyssd.kernels.cuda.runtime.device import launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.prefetch import Prefetcher

ASKS = {"grid", "gridsize", "threadIdx", "blockIdx"}  # only code that runs on the GPU asks for these


def kernels_in(source):
    """Return the names of the functions of a file's text that ask which thread they are, but of no device function."""
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    functions = [f for f in found if not any("device=True" in ast.unparse(d) for d in f.decorator_list)]
    return {
        function.name
        for function in functions
        if any(isinstance(node, ast.Attribute) and node.attr in ASKS for node in ast.walk(function))
    }


def test_every_kernel_is_in_the_table_once():
    files = sorted(Path(table.__file__).parent.rglob("*.py"))
    written = {(path.stem, name) for path in files for name in kernels_in(path.read_text(encoding="utf-8"))}
    listed = [(row.kernel.__module__.rpartition(".")[2], row.kernel.__name__) for row in table.KERNELS]
    assert len(listed) == len(set(listed))
    assert written == set(listed)


def test_a_kernel_that_is_not_in_the_table_is_seen():
    assert kernels_in("def f(a):\n    a[cuda.grid(1)] = 0") == {"f"}
    assert kernels_in("def f(a):\n    i = cuda.blockIdx.x\n\n\ndef g(a):\n    return a") == {"f"}
    assert kernels_in("@cuda.jit\ndef f(a):\n    a[cuda.grid(1)] = 0") == {"f"}
    assert kernels_in("@cuda.jit(device=True)\ndef f(a):\n    return cuda.threadIdx.x") == set()


@pytest.mark.parametrize("row", table.KERNELS, ids=lambda row: row.kernel.__name__)
def test_rows_agree_with_their_kernels(row):
    assert len(row.types) == len(inspect.signature(row.kernel).parameters)
    assert row.kernel.__doc__.startswith("One ")


TO_BE_READ = {"conv2d_plain_kernel", "smooth_l1_kernel", "softmax_cross_entropy_kernel"}  # in no run


def test_warming_up_launches_all_kernels_of_a_run():
    with in_place_of_the_gpu(Double()) as double:
        kernels.active.warm_up()
    assert {row.kernel.__name__ for row in table.KERNELS} == set(double.launches) | TO_BE_READ
    assert not set(double.launches) & TO_BE_READ


ROW = next(row for row in table.KERNELS if row.kernel is arrays.scale_kernel)
GOOD = np.zeros(5, np.float32), np.float32(2)


@pytest.mark.parametrize(
    "arguments",
    [
        (GOOD[0], 2.0),
        (GOOD[0], np.float64(2)),
        (GOOD[0].astype(np.float64), GOOD[1]),
        (np.zeros((5, 1), np.float32), GOOD[1]),
        (np.zeros(10, np.float32)[::2], GOOD[1]),
        (None, GOOD[1]),
        (*GOOD, GOOD[1]),
    ],
    ids=["a Python number", "float64", "array of float64", "two axes", "every other", "nothing", "one too many"],
)
def test_other_types_than_the_tables_are_refused(arguments):
    check_launch(ROW, (1, 1, 1), (256, 1, 1), GOOD)
    with pytest.raises(TypeError):
        check_launch(ROW, (1, 1, 1), (256, 1, 1), arguments)


@pytest.mark.parametrize(
    ("grid", "block"), [((1, 1, 1), (128, 1, 1)), ((1, 65536, 1), (256, 1, 1)), ((1, 1, 0), (256, 1, 1))]
)
def test_other_grids_than_a_gpu_takes_are_refused(grid, block):
    with pytest.raises(ValueError, match="scale_kernel"):
        check_launch(ROW, grid, block, GOOD)


def test_an_empty_grid_starts_nothing(gpu):
    launch(arrays.scale_kernel, 0, 256, empty((0,)), np.float32(2))
    assert not gpu.launches


def test_the_double_counts_and_poisons(gpu):
    there = empty((3, 4))
    assert np.isnan(host(there)).all()
    kernels.active.scale(to_device(np.ones(3, np.float32)), 2)
    assert (gpu.uploads, gpu.downloads, gpu.allocations) == (1, 1, 2)
    assert gpu.launches == {"scale_kernel": 1}
    assert there.data.base.nbytes == 48 + 2 * MARGIN


def test_what_is_sent_ahead_is_rubbish_until_it_is_waited_for(gpu, rng):
    (batch,) = normal(rng, (2, 3))
    sent = Prefetcher().send([(batch, np.float32)])
    assert np.isnan(host(sent.arrays[0])).all()
    np.testing.assert_array_equal(host(sent.wait()[0]), batch)


def test_a_large_launch_gives_the_bits_of_small_ones(rng):
    # Large ones are spread over two processors; images do not know of each other.
    x, weight, bias = normal(rng, (4, 30, 30, 4), (3, 3, 4, 8), (8,))
    with in_place_of_the_gpu(Double(seeds=(5,))):
        together = host(conv2d.conv2d_forward_plain(x, weight, bias, 1, 1))
        apart = [host(conv2d.conv2d_forward_plain(image[None], weight, bias, 1, 1)) for image in x]
    np.testing.assert_array_equal(together, np.concatenate(apart))
