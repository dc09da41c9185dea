"""Pooling on the processor, against the reference: the same bits, with ties and NaN."""

import numpy as np
import pytest
from checking import assert_same_bits, host, normal

from numpyssd import kernels
from numpyssd.kernels import reference

CASES = {
    #                                   N  H  W  C   size stride padding ceil_mode
    "one pixel": ((1, 1, 1, 1), 1, 1, 0, False),
    "one pixel, padded": ((1, 1, 1, 3), 3, 1, 1, False),
    "2x2": ((2, 6, 8, 3), 2, 2, 0, False),
    "2x2, rounded up": ((2, 7, 5, 65), 2, 2, 0, True),
    "2x2, rounded down": ((1, 7, 5, 2), 2, 2, 0, False),
    "as pool5": ((2, 9, 10, 3), 3, 1, 1, False),
    "3x3, overlapping": ((1, 8, 9, 2), 3, 2, 1, True),
    "stride over size": ((1, 11, 10, 2), 2, 5, 0, True),
    "5x5, padding 4": ((1, 3, 4, 1), 5, 2, 4, False),
    "15x15": ((1, 16, 20, 1), 15, 3, 7, False),
    "no image": ((0, 4, 4, 2), 2, 2, 0, False),
}


@pytest.mark.parametrize("kind", ["ties", "numbers", "with NaN", "all NaN", "with infinity"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_forward_and_backward(gpu, rng, case, kind):
    shape, *geometry = case
    x = rng.integers(-2, 3, shape).astype(np.float32) if kind == "ties" else normal(rng, shape)[0]
    if kind == "with NaN":
        x[rng.random(shape) < 0.3] = np.nan
    if kind == "all NaN":
        x[:] = np.nan
    if kind == "with infinity":
        x[rng.random(shape) < 0.7] = -np.inf
    expected = reference.maxpool2d_forward(x, *geometry)
    out, argmax = host(kernels.active.maxpool2d_forward(x, *geometry))
    assert_same_bits(out, expected[0])
    assert_same_bits(argmax, expected[1])
    dout = rng.integers(-8, 9, out.shape).astype(np.float32)  # whose sums are exact in any order
    dx = host(kernels.active.maxpool2d_backward(dout, argmax, shape, *geometry[:3]))
    assert_same_bits(dx, reference.maxpool2d_backward(dout, argmax, shape, *geometry[:3]))
