"""The answers and the widgets of lesson 05 are the library's own arithmetic."""

import numpy as np
import pytest

from lessons.course import check
from lessons.course.widgets import grids
from numpyssd.kernels.reference.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.shapes import pool_output_size

ANSWERS = {name: exercise.answer for name, exercise in check.EXERCISES.items()}


@pytest.mark.parametrize("geometry", [(2, 2, 0), (3, 1, 1), (3, 2, 1), (1, 3, 0)])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_sizes_are_the_librarys(geometry, ceil_mode):
    for size in range(geometry[0], 40):
        assert ANSWERS["pooled_size"](size, *geometry, ceil_mode) == pool_output_size(size, *geometry, ceil_mode)


def test_maxima_and_gradients_are_the_librarys(rng):
    x = rng.integers(-3, 2, (6, 8)).astype(float)
    batch = x[None, :, :, None]
    out, argmax = maxpool2d_forward(batch, 2, 2, ceil_mode=True)
    dout = rng.normal(size=out.shape)
    dx = maxpool2d_backward(dout, argmax, batch.shape, 2, 2)
    np.testing.assert_array_equal(ANSWERS["max_pool"](x), out[0, :, :, 0])
    np.testing.assert_array_equal(ANSWERS["pool_gradient"](x, dout[0, :, :, 0]), dx[0, :, :, 0])
    np.testing.assert_array_equal(ANSWERS["pool5"](x), maxpool2d_forward(batch, 3, 1, 1)[0][0, :, :, 0])


def test_widgets_name_winners_and_what_is_lost():
    grid = np.array([[1, 5, 2], [0, 3, 4], [6, 6, 8]])
    found = grids.winners(grid)
    assert "largest of 1, 5, 0, 3: 5, from row 0, column 1" in found
    assert "largest of 6, 6: 6, from row 2, column 0, the first of equals" in found
    found = grids.poolings(grid)
    assert "3 x 3 becomes 1 x 1; numbers in no window: 5; winners: 1" in found
    assert "3 x 3 becomes 2 x 2; numbers in no window: 0; winners: 4" in found
    assert "3 x 3 becomes 3 x 3; numbers in no window: 0; winners: 3" in found
