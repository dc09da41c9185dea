"""What goes number by number: relu, adding, averaging, the step of descent, joining and splitting."""

import numpy as np
import pytest
from checking import EPSILON, assert_same_bits, assert_sums, exactly, host, normal

from numpyssd import kernels
from numpyssd.kernels import reference
from numpyssd.kernels.cuda.runtime.sums import squares

SHAPES = ((1,), (1, 1, 1, 1), (255,), (257,), (2, 3, 5, 65), (0, 4, 4, 3), (3, 3, 2, 7))
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


@each_shape
def test_relu(gpu, rng, shape):
    x, dout = normal(rng, shape, shape)
    x.reshape(-1)[::5], x.reshape(-1)[1::7] = np.nan, 0
    out = reference.relu_forward(x)
    assert_same_bits(host(kernels.active.relu_forward(x)), out)
    assert_same_bits(host(kernels.active.relu_backward(dout, out)), reference.relu_backward(dout, out))


@each_shape
def test_add(gpu, rng, shape):
    a, b = normal(rng, shape, shape)
    assert_same_bits(host(kernels.active.add(a, b)), a + b)
    assert_same_bits(host(kernels.active.add(a, a)), a + a)


@each_shape
def test_moving_average(gpu, rng, shape):
    running, new = normal(rng, shape, shape)
    ours = host(kernels.active.moving_average(running, new, 0.9))
    exact, sizes = (
        reference.moving_average(*pair, 0.9) for pair in (exactly(running, new), map(abs, exactly(running, new)))
    )
    assert_sums(ours, exact, sizes, 1)


@each_shape
def test_scale_in_place(gpu, rng, shape):
    (a,) = normal(rng, shape)
    there = kernels.active.to_device(a)
    kernels.active.scale(there, 1 / 3)
    assert_same_bits(host(there), a * np.float32(1 / 3))


@each_shape
def test_step_of_descent(gpu, rng, shape):
    value, grad, velocity = normal(rng, shape, shape, shape)
    there = [kernels.active.to_device(a) for a in (value, grad, velocity)]
    kernels.active.sgd_step(*there, 0.01, 0.9, 5e-4)
    exact = exactly(value, grad, velocity)
    reference.sgd_step(*exact, 0.01, 0.9, 5e-4)
    for ours, theirs in zip(host(there), exact):
        bound = 8 * EPSILON * (abs(value) + abs(grad) + abs(velocity))
        assert (abs(ours - theirs) <= bound).all()
    assert_same_bits(host(there[1]), grad)


@pytest.mark.parametrize("images", [0, 1, 3])
@pytest.mark.parametrize("values", [1, 4, 21])
def test_concatenate_and_split(gpu, rng, images, values):
    shapes = [(images, height, width, anchors * values) for height, width, anchors in ((5, 7, 4), (3, 2, 6), (1, 1, 1))]
    maps = normal(rng, *shapes)
    joined = reference.concatenate(maps, values)
    assert_same_bits(host(kernels.active.concatenate(maps, values)), joined)
    for ours, theirs in zip(host(kernels.active.split(joined, shapes)), reference.split(joined, shapes), strict=True):
        assert_same_bits(ours, theirs)


def test_rows_lie_in_the_same_memory(gpu, rng):
    (array,) = normal(rng, (5, 2, 3))
    there = kernels.active.to_device(array)
    part = kernels.active.rows(there, 1, 4)
    assert_same_bits(host(part), array[1:4])
    kernels.active.scale(part, 2)
    assert_same_bits(host(there)[:, 0, 0], array[:, 0, 0] * np.float32([1, 2, 2, 2, 1]))


@pytest.mark.parametrize("shapes", [[(1,)], [(4096,)], [(4097,), (3, 3, 5, 65), (1,)], [(2, 0, 3)]], ids=str)
def test_norm(gpu, rng, shapes):
    arrays = normal(rng, *shapes)
    ours, theirs = kernels.active.norm(arrays), reference.norm(exactly(*arrays))
    assert isinstance(ours, float)
    assert abs(ours - theirs) <= 1e-6 * theirs
    parts = host(squares(arrays))
    assert abs(parts.sum(dtype=np.float64) - theirs**2) <= 1e-6 * theirs**2
