"""Whole arrays on the device: add, scale, concatenate, split, and the step of stochastic gradient descent."""

import math

import numpy as np
from numba import cuda, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.shapes import check_same_shape


def add_kernel(a, b, out):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        out[index] = a[index] + b[index]


def moving_average_kernel(running, new, out, momentum, rest):
    """One thread = one number; grid: all of them; nothing is shared. rest: 1 - momentum."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        out[index] = momentum * running[index] + rest * new[index]


def scale_kernel(a, factor):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(a.size):
        a[index] *= factor


def sgd_step_kernel(value, grad, velocity, lr, momentum, weight_decay):
    """One thread = one weight; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(value.size):
        step = momentum * velocity[index] + lr * (grad[index] + weight_decay * value[index])
        velocity[index] = step
        value[index] -= step


def copy_rows_kernel(source, target, source_first, target_first, count):
    """One thread = one number of a row; grid: numbers by rows; nothing is shared.

    source and target (N, ...) are cut to rows: count numbers of each from source_first on go to target_first on.
    """
    index, row = uint32(cuda.grid(1)), uint32(cuda.blockIdx.y)
    if index < count:
        target[row, uint32(target_first + index)] = source[row, uint32(source_first + index)]


def add(a, b):
    """Return a + b for two arrays of one shape; see reference/arrays.py."""
    check_same_shape("b", b, a.shape)
    a, b, out = to_device(a), to_device(b), empty(a.shape)
    flat = (array.reshape(out.size) for array in (a, b, out))
    launch(add_kernel, blocks_for(out.size, 256), 256, *flat)
    return out


def moving_average(running, new, momentum):
    """Return the moving average momentum running + (1 - momentum) new; see reference/arrays.py."""
    check_same_shape("new", new, running.shape)
    running, new, out = to_device(running), to_device(new), empty(running.shape)
    flat = (array.reshape(out.size) for array in (running, new, out))
    numbers = np.float32(momentum), np.float32(1 - momentum)
    launch(moving_average_kernel, blocks_for(out.size, 256), 256, *flat, *numbers)
    return out


def scale(a, factor):
    """Multiply a by a number, in place; see reference/arrays.py."""
    launch(scale_kernel, blocks_for(a.size, 256), 256, a.reshape(a.size), np.float32(factor))


def sgd_step(value, grad, velocity, lr, momentum, weight_decay):
    """Move value and velocity in place; see reference/arrays.py. Both must lie on the device."""
    check_same_shape("grad", grad, value.shape)
    check_same_shape("velocity", velocity, value.shape)
    flat = (array.reshape(value.size) for array in (value, to_device(grad), velocity))
    numbers = map(np.float32, (lr, momentum, weight_decay))
    launch(sgd_step_kernel, blocks_for(value.size, 256), 256, *flat, *numbers)


def concatenate(maps, values):
    """Return the maps (N, ...) as one array (N, K, values); see reference/arrays.py."""
    maps = [to_device(a) for a in maps]
    images = len(maps[0])
    widths = [math.prod(a.shape[1:]) for a in maps]
    out, first = empty((images, sum(widths) // values, values)), 0
    for a, width in zip(maps, widths):
        _copy(a, out, 0, first, width)
        first += width
    return out


def split(concatenated, shapes):
    """Undo ``concatenate``: return the list of maps of these shapes; see reference/arrays.py."""
    concatenated, first, found = to_device(concatenated), 0, []
    for shape in shapes:
        found.append(empty(shape))
        width = found[-1].size // max(1, shape[0])
        _copy(concatenated, found[-1], first, 0, width)
        first += width
    return found


def rows(array, start, stop):
    """Return rows start .. stop - 1 of the first axis, in the same memory; see reference/arrays.py."""
    return to_device(array).part(start, stop)


def _copy(source, target, source_first, target_first, count):
    flat = [a.reshape(len(a), a.size // max(1, len(a))) for a in (source, target)]
    numbers = map(np.uint32, (source_first, target_first, count))
    launch(copy_rows_kernel, (blocks_for(count, 256), len(source)), 256, *flat, *numbers)
