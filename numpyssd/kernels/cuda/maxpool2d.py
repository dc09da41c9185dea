"""Max pooling on the device; backward, every input pixel gathers from the windows that contain it."""

import numpy as np
from numba import cuda, float32, uint8, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.shapes import check_pool2d, check_pool2d_gradient


def maxpool2d_forward_kernel(x, out, argmax, size, stride, padding):
    """One thread = one window of one channel; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        c, pixel = uint32(index % uint32(out.shape[3])), uint32(index // uint32(out.shape[3]))
        ox, row = uint32(pixel % uint32(out.shape[2])), uint32(pixel // uint32(out.shape[2]))
        oy, n = uint32(row % uint32(out.shape[1])), uint32(row // uint32(out.shape[1]))
        best, winner, is_first = float32(0.0), uint8(0), True
        for i in range(size):
            y = uint32(oy * stride + i - padding)  # below zero it is some four billion, and so not inside
            for j in range(size):
                xx = uint32(ox * stride + j - padding)
                if y < uint32(x.shape[1]) and xx < uint32(x.shape[2]):
                    value = x[n, y, xx, c]
                    # The first NaN wins and stays: nothing is greater than it.
                    if is_first or value > best or (value != value and best == best):
                        best, winner, is_first = value, uint8(i * size + j), False
        out[n, oy, ox, c] = best
        argmax[n, oy, ox, c] = winner


def maxpool2d_backward_kernel(dout, argmax, dx, size, stride, padding):
    """One thread = one number of dx; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(dx.size):
        c, pixel = uint32(index % uint32(dx.shape[3])), uint32(index // uint32(dx.shape[3]))
        x, row = uint32(pixel % uint32(dx.shape[2])), uint32(pixel // uint32(dx.shape[2]))
        y, n = uint32(row % uint32(dx.shape[1])), uint32(row // uint32(dx.shape[1]))
        total = float32(0.0)
        for i in range(size):
            down = uint32(y + padding - i)
            oy = uint32(down // stride)
            for j in range(size):
                right = uint32(x + padding - j)
                ox = uint32(right // stride)
                if oy < uint32(dout.shape[1]) and ox < uint32(dout.shape[2]):
                    starts_there = uint32(oy * stride) == down and uint32(ox * stride) == right
                    if starts_there and argmax[n, oy, ox, c] == uint8(i * size + j):
                        total += dout[n, oy, ox, c]
        dx[n, y, x, c] = total


def maxpool2d_forward(x, size, stride, padding=0, ceil_mode=False):
    """Take the maximum over size x size windows; see reference/maxpool2d.py for the meaning of every argument."""
    shape = check_pool2d(x, size, stride, padding, ceil_mode)
    x, out, argmax = to_device(x), empty(shape), empty(shape, np.uint8)
    numbers = map(np.uint32, (size, stride, padding))
    launch(maxpool2d_forward_kernel, blocks_for(out.size, 256), 256, x, out, argmax, *numbers)
    return out, argmax


def maxpool2d_backward(dout, argmax, x_shape, size, stride, padding=0):
    """Return dx: each entry of dout goes to the maximum of its window; see reference/maxpool2d.py."""
    check_pool2d_gradient(dout, argmax, x_shape)
    dx, numbers = empty(x_shape), map(np.uint32, (size, stride, padding))
    launch(maxpool2d_backward_kernel, blocks_for(dx.size, 256), 256, to_device(dout), to_device(argmax), dx, *numbers)
    return dx
