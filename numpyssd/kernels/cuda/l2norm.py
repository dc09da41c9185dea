"""L2 normalization over channels on the device: the threads of a block share the sums of one pixel."""

import math

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.runtime.device import launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.sums import block_sum, column_sums
from numpyssd.kernels.shapes import check_same_shape

LANES = 128  # threads that share a pixel


def l2norm_forward_kernel(x, scale, out, epsilon):
    """One block = one pixel of x (P, C), one thread = every 128th channel; grid: pixels; shared: a number a thread."""
    lanes = cuda.shared.array(LANES, float32)
    pixel, thread, channels = uint32(cuda.blockIdx.x), uint32(cuda.threadIdx.x), uint32(x.shape[1])
    squares = float32(0.0)
    for c in range(thread, channels, uint32(LANES)):
        squares += x[pixel, c] * x[pixel, c]
    norm = math.sqrt(block_sum(lanes, thread, squares) + epsilon)
    for c in range(thread, channels, uint32(LANES)):
        out[pixel, c] = x[pixel, c] / norm * scale[c]


def l2norm_backward_kernel(dout, x, scale, dx, dscale, epsilon):
    """One block = one pixel, one thread = every 128th channel; grid: pixels; shared: a number a thread.

    dscale (P, C) gets what each pixel adds to the gradient of the scale.
    """
    lanes = cuda.shared.array(LANES, float32)
    pixel, thread, channels = uint32(cuda.blockIdx.x), uint32(cuda.threadIdx.x), uint32(x.shape[1])
    squares, along = float32(0.0), float32(0.0)
    for c in range(thread, channels, uint32(LANES)):
        squares += x[pixel, c] * x[pixel, c]
    norm = math.sqrt(block_sum(lanes, thread, squares) + epsilon)
    for c in range(thread, channels, uint32(LANES)):
        along += dout[pixel, c] * scale[c] * (x[pixel, c] / norm)
    along = block_sum(lanes, thread, along)
    for c in range(thread, channels, uint32(LANES)):
        unit = x[pixel, c] / norm
        # Only the part of the gradient across the unit vector changes it; the part along it is projected away.
        dx[pixel, c] = (dout[pixel, c] * scale[c] - unit * along) / norm
        dscale[pixel, c] = dout[pixel, c] * unit


def l2norm_forward(x, scale, epsilon=1e-10):
    """Divide every pixel by the L2 norm of its channels, then multiply by scale; see reference/l2norm.py."""
    check_same_shape("scale", scale, x.shape[3:])
    x, out = to_device(x), empty(x.shape)
    pixels = out.size // max(1, x.shape[3]), x.shape[3]
    flat = x.reshape(*pixels), to_device(scale), out.reshape(*pixels)
    launch(l2norm_forward_kernel, pixels[0], LANES, *flat, np.float32(epsilon))
    return out


def l2norm_backward(dout, x, scale, epsilon=1e-10):
    """Return dx and dscale; see reference/l2norm.py."""
    check_same_shape("dout", dout, x.shape)
    check_same_shape("scale", scale, x.shape[3:])
    dx = empty(x.shape)
    pixels = dx.size // max(1, x.shape[3]), x.shape[3]
    dscale = empty(pixels)
    inputs = to_device(dout).reshape(*pixels), to_device(x).reshape(*pixels), to_device(scale)
    launch(l2norm_backward_kernel, pixels[0], LANES, *inputs, dx.reshape(*pixels), dscale, np.float32(epsilon))
    return dx, column_sums(dscale)
