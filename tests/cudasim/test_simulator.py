"""The launches themselves, through ``GPU`` and in Numba's simulator, which raises an error for an index too large.

NUMBA_ENABLE_CUDASIM must be set before Numba is imported, so this folder has a process of its own: make check-cuda.
A thread of the simulator is one of the operating system: each case is as small as it can be.
"""

import os

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.kernels import reference
from numpyssd.kernels.cuda import conv2d
from numpyssd.kernels.cuda.runtime import device
from numpyssd.kernels.cuda.runtime.prefetch import Prefetcher
from numpyssd.kernels.cuda.runtime.sums import column_sums
from numpyssd.kernels.cuda.table import KERNELS

if os.environ.get("NUMBA_ENABLE_CUDASIM") != "1":
    pytest.skip("needs NUMBA_ENABLE_CUDASIM=1 in the environment", allow_module_level=True)

# Coordinates below zero are meant to become four billion; NumPy's numbers, which the simulator uses, warn of it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar")


class Counted(device.GPU):
    """The GPU as it is, with a list of the kernels it has run."""

    def launch(self, kernel, grid, block, arguments):
        seen.add(kernel.__name__)
        super().launch(kernel, grid, block, arguments)


seen = set()


@pytest.fixture(scope="module", autouse=True)
def cuda():
    """The backend, on the simulator."""
    before = device.replace_gpu(Counted())
    with kernels.using("cuda") as active:
        yield active
    device.replace_gpu(before)


def close(found, expected):
    """Assert that results, one or several, agree to rounding."""
    if isinstance(expected, (tuple, list)):
        for ours, theirs in zip(found, expected, strict=True):
            close(ours, theirs)
    else:
        np.testing.assert_allclose(kernels.active.to_host(found), expected, rtol=2e-5, atol=2e-5)


def normal(rng, *shapes):
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def test_convolution_and_its_gradients(cuda, rng):
    x, weight, bias = normal(rng, (1, 3, 2, 2), (3, 3, 2, 3), (3,))
    expected = reference.conv2d_forward(x, weight, bias, 1, 1, relu=True)
    close(cuda.conv2d_forward(x, weight, bias, 1, 1, relu=True), expected)
    close(conv2d.conv2d_forward_plain(x, weight, bias, 1, 1, relu=True), expected)
    dout = normal(rng, expected.shape)[0]
    close(
        cuda.conv2d_backward(dout, x, weight, 1, 1, out=expected),
        reference.conv2d_backward(dout, x, weight, 1, 1, out=expected),
    )


def test_convolution_of_dilation_over_the_image(cuda, rng):
    x, weight, bias = normal(rng, (1, 2, 2, 1), (3, 3, 1, 1), (1,))
    close(cuda.conv2d_forward(x, weight, bias, 1, 6, 6), reference.conv2d_forward(x, weight, bias, 1, 6, 6))


def test_pooling(cuda, rng):
    (x,) = normal(rng, (1, 5, 3, 2))
    x[0, 1, 1, 0] = np.nan
    expected = reference.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    found = cuda.maxpool2d_forward(x, 2, 2, ceil_mode=True)
    close(found, expected)
    dout = normal(rng, expected[0].shape)[0]
    close(
        cuda.maxpool2d_backward(dout, found[1], x.shape, 2, 2),
        reference.maxpool2d_backward(dout, expected[1], x.shape, 2, 2),
    )


def test_normalization(cuda, rng):
    x, dout, scale, shift, mean = normal(rng, (1, 1, 2, 3), (1, 1, 2, 3), (3,), (3,), (3,))
    variance = np.ones(3, np.float32)
    close(cuda.l2norm_forward(x, scale), reference.l2norm_forward(x, scale))
    close(cuda.l2norm_backward(dout, x, scale), reference.l2norm_backward(dout, x, scale))
    close(cuda.batchnorm_statistics(x), reference.batchnorm_statistics(x))
    fixed = mean, variance, scale
    close(cuda.batchnorm_forward(x, *fixed, shift, relu=True), reference.batchnorm_forward(x, *fixed, shift, relu=True))
    close(cuda.batchnorm_backward(dout, x, *fixed), reference.batchnorm_backward(dout, x, *fixed))
    close(cuda.batchnorm_fold(shift, *fixed, shift), reference.batchnorm_fold(shift, *fixed, shift))


def test_what_goes_number_by_number(cuda, rng):
    a, b, c = normal(rng, (2, 3), (2, 3), (2, 3))
    close(cuda.relu_forward(a), reference.relu_forward(a))
    close(cuda.relu_backward(a, b), reference.relu_backward(a, b))
    close(cuda.add(a, b), a + b)
    close(cuda.moving_average(a, b, 0.9), reference.moving_average(a, b, 0.9))
    there = [cuda.to_device(array) for array in (a, b, c)]
    cuda.sgd_step(*there, 0.1, 0.9, 0.5)
    reference.sgd_step(a, b, c, 0.1, 0.9, 0.5)
    close(there, [a, b, c])
    cuda.scale(there[0], 3.0)
    close(there[0], a * 3)
    assert abs(cuda.norm([b, c]) - reference.norm([b, c])) < 1e-5


def test_joining_and_splitting(cuda, rng):
    maps = normal(rng, (2, 2, 1, 4), (2, 1, 1, 8))
    joined = reference.concatenate(maps, 4)
    close(cuda.concatenate(maps, 4), joined)
    close(cuda.split(joined, [a.shape for a in maps]), maps)


def test_sums_of_several_parts(cuda, rng):
    (a,) = normal(rng, (300, 2))
    close(column_sums(a), a.sum(axis=0))


def test_a_batch_sent_ahead(cuda, rng):
    (batch,) = normal(rng, (2, 3))
    close(Prefetcher().send([(batch, np.float32)]).wait(), [batch])
    cuda.synchronize()


OTHERS = "losses", "mining", "multibox_loss", "ranking", "decode", "nms", "postprocess"  # see tests/cuda


def test_every_kernel_of_the_layers_was_run():
    layers = {row.kernel.__name__ for row in KERNELS if row.kernel.__module__.rpartition(".")[2] not in OTHERS}
    assert layers <= seen
