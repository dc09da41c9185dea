"""arrays: adding, moving, and the step of stochastic gradient descent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.kernels import cpu, reference


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1,), (2, 3, 5, 7), (0, 4, 4, 3), (3, 3, 8, 16), (2, 70_000)])
def test_sgd_step_is_its_definition(shape, dtype, backend, rng):
    value, grad, velocity = (rng.standard_normal(shape).astype(dtype) for _ in range(3))
    old_value, old_grad, old_velocity = value.copy(), grad.copy(), velocity.copy()
    assert backend.sgd_step(value, grad, velocity, 0.1, 0.9, 0.01) is None
    assert value.dtype == velocity.dtype == dtype
    new_velocity = 0.9 * old_velocity.astype(float) + 0.1 * (old_grad + 0.01 * old_value.astype(float))
    precision = {"rtol": 1e-5, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-14}
    np.testing.assert_allclose(velocity, new_velocity, **precision)
    np.testing.assert_allclose(value, old_value - new_velocity, **precision)
    np.testing.assert_array_equal(grad, old_grad)


def test_golden_sgd_step_keeps_the_rate_inside_the_velocity(backend):
    # By hand, Caffe's rule (sgd_solver.cpp). First: v = 0.5 (4 + 0.25 * 8) = 3, value 8 - 3 = 5. Then the rate drops to
    # 0.1 and there is no gradient: v = 0.5 * 3 + 0.1 (0 + 0.25 * 5) = 1.625, value 3.375. With the rate outside, as in
    # PyTorch, the second step would be 0.1 (0.5 * 6 + 1.25) = 0.425.
    value, velocity = np.array([8.0]), np.array([0.0])
    backend.sgd_step(value, np.array([4.0]), velocity, 0.5, 0.5, 0.25)
    assert (value, velocity) == (5, 3)
    backend.sgd_step(value, np.array([0.0]), velocity, 0.1, 0.5, 0.25)
    assert value == pytest.approx(3.375)
    assert velocity == pytest.approx(1.625)


def test_sgd_step_is_in_place_whatever_the_layout(backend, rng):
    # Weights that came from another project are transposed views; a step on a copy would train nothing, silently.
    packed = [rng.standard_normal((3, 3, 4, 5)) for _ in range(3)]
    strided = [np.empty((5, 4, 3, 3)).transpose(2, 3, 1, 0) for _ in range(3)]
    for view, array in zip(strided, packed):
        view[...] = array
    backend.sgd_step(*packed, 0.1, 0.9, 0.01)
    backend.sgd_step(*strided, 0.1, 0.9, 0.01)
    for view, array in zip(strided, packed):
        np.testing.assert_array_equal(view, array)


@given(seed=st.integers(0, 1000), size=st.integers(0, 50), steps=st.integers(1, 4))
@settings(deadline=None, max_examples=50)
def test_backends_agree_over_several_steps(seed, size, steps):
    rng = np.random.default_rng(seed)
    ours = list(rng.standard_normal((2, size)))
    theirs = [a.copy() for a in ours]
    for grad in rng.standard_normal((steps, size)):
        cpu.sgd_step(ours[0], grad, ours[1], 0.05, 0.9, 0.005)
        reference.sgd_step(theirs[0], grad, theirs[1], 0.05, 0.9, 0.005)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def test_sgd_step_errors_name_the_argument(backend):
    a, b = np.zeros((2, 3)), np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"grad must be \(2, 3\), not \(3, 2\)"):
        backend.sgd_step(a, b, a, 0.1, 0.9, 0)
    with pytest.raises(ValueError, match=r"velocity must be \(2, 3\), not \(3, 2\)"):
        backend.sgd_step(a, a, b, 0.1, 0.9, 0)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 2, 5, 7), (0, 4, 4, 3)])
def test_add(shape, backend, rng):
    a, b = rng.standard_normal(shape).astype(np.float32), rng.standard_normal(shape).astype(np.float32)
    before = a.copy()
    total = backend.add(a, b)
    assert total.dtype == np.float32
    np.testing.assert_array_equal(total, before + b)
    np.testing.assert_array_equal(a, before)
    np.testing.assert_array_equal(backend.add(a.T, b.T), (a + b).T)
    with pytest.raises(ValueError, match="b must be"):
        backend.add(a, b[:, :, :, :0])


def test_moving_there_and_back_changes_nothing(backend, rng):
    x = rng.standard_normal((2, 3)).astype(np.float32)
    back = backend.to_host(backend.to_device(x))
    assert isinstance(back, np.ndarray)
    np.testing.assert_array_equal(back, x)


def test_warm_up_runs(backend):
    assert backend.warm_up() is None
