"""relu: the definition, zero and NaN, and the gradient."""

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numpyssd.drawing import new_figure
from numpyssd.kernels import cpu, reference

SHAPES = [(1, 1, 1, 1), (2, 3, 5, 7), (0, 4, 4, 3), (3,), (2, 70_000)]  # the last is more than one thread's piece


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_is_its_definition(shape, dtype, backend, rng):
    x = rng.integers(-2, 3, shape).astype(dtype)
    out = backend.relu_forward(x)
    assert (out.shape, out.dtype) == (shape, dtype)
    np.testing.assert_array_equal(out, np.where(x > 0, x, 0))
    dout = rng.standard_normal(shape).astype(dtype)
    dx = backend.relu_backward(dout, out)
    assert (dx.shape, dx.dtype) == (shape, dtype)
    np.testing.assert_array_equal(dx, np.where(x > 0, dout, 0))


def test_golden(backend):
    x = np.array([-np.inf, -1.5, -0.0, 0.0, 1e-45, 2.5, np.inf], np.float32)
    np.testing.assert_array_equal(out := backend.relu_forward(x), np.float32([0, 0, 0, 0, 1e-45, 2.5, np.inf]))
    # The gradient at zero is zero, and the smallest number above zero lets everything through.
    np.testing.assert_array_equal(backend.relu_backward(np.ones_like(x), out), [0, 0, 0, 0, 1, 1, 1])


def test_nan_is_not_hidden(backend):
    # Training stops at the first NaN and says where; a ReLU that made it a zero would only delay that.
    x = np.array([np.nan, 1, -1], np.float32)
    np.testing.assert_array_equal(backend.relu_forward(x), [np.nan, 1, 0])
    # On the way back too, but only where something came through; where the unit was off, nothing comes back.
    dout = np.array([5, np.nan, np.nan], np.float32)
    np.testing.assert_array_equal(backend.relu_backward(dout, np.array([1, 2, 0], np.float32)), [5, np.nan, 0])


def test_gradient(backend, rng):
    x = rng.standard_normal((2, 3, 4, 5))
    x += np.copysign(0.1, x)  # away from the kink
    dout = rng.standard_normal(x.shape)
    dx = backend.relu_backward(dout, backend.relu_forward(x))
    assert_gradient(lambda x: float((backend.relu_forward(x) * dout).sum()), [x], [dx], rng)


@given(x=arrays(np.float32, st.tuples(*[st.integers(0, 4)] * 4)))
@settings(deadline=None, max_examples=50)
def test_backends_agree_on_anything(x):
    np.testing.assert_array_equal(cpu.relu_forward(x), reference.relu_forward(x))
    np.testing.assert_array_equal(cpu.relu_backward(x, x), reference.relu_backward(x, x))


def test_inputs_need_not_be_contiguous(backend, rng):
    x = rng.standard_normal((5, 8, 3, 2)).T[:, ::-1, ::2]
    np.testing.assert_array_equal(out := backend.relu_forward(x), np.maximum(x, 0))
    np.testing.assert_array_equal(backend.relu_backward(x, out), np.maximum(x, 0))


def test_error_names_the_argument(backend):
    with pytest.raises(ValueError, match=r"dout must be \(2, 3\), not \(3, 2\)"):
        backend.relu_backward(np.zeros((3, 2), np.float32), np.zeros((2, 3), np.float32))


def test_figure():
    from numpyssd.kernels.reference.relu import draw_relu

    figure, axes = new_figure(1, 3)
    draw_relu(axes, np.array([[-1.0, 2.0], [3.0, -4.0]]))
    np.testing.assert_array_equal(axes[1].images[0].get_array(), [[0, 2], [3, 0]])
    assert "50%" in axes[1].get_title()
