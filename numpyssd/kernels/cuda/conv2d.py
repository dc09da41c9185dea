"""Convolution on the device, twice: one thread for each output number, easy to read; and in tiles, fast."""

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.conv2d_gradients import conv2d_backward
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, filled, to_device
from numpyssd.kernels.cuda.tile import K_TILE, PADDED, SIDE, THREAD_TILE, THREADS, TILE, clear, multiply_k_tile
from numpyssd.kernels.shapes import check_conv2d

__all__ = ["conv2d_algorithm", "conv2d_backward", "conv2d_forward", "conv2d_forward_plain"]

NOWHERE = 1 << 31  # a row outside of every image: a coordinate below zero becomes at least as large


def conv2d_plain_kernel(x, weight, scale, bias, out, stride, padding, dilation, relu):
    """One thread = one output number; grid: all of them, 256 a block; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        co = uint32(index % uint32(out.shape[3]))
        pixel = uint32(index // uint32(out.shape[3]))
        ox = uint32(pixel % uint32(out.shape[2]))
        row = uint32(pixel // uint32(out.shape[2]))
        oy = uint32(row % uint32(out.shape[1]))
        n = uint32(row // uint32(out.shape[1]))
        total = float32(0.0)
        for i in range(uint32(weight.shape[0])):
            y = uint32(oy * stride + i * dilation - padding)  # below zero it is some four billion, and so not inside
            for j in range(uint32(weight.shape[1])):
                xx = uint32(ox * stride + j * dilation - padding)
                if y < uint32(x.shape[1]) and xx < uint32(x.shape[2]):
                    for c in range(uint32(x.shape[3])):
                        total += x[n, y, xx, c] * weight[i, j, c, co]
        total = total * scale[co] + bias[co]
        if relu and total < float32(0.0):
            total = float32(0.0)
        out[n, oy, ox, co] = total


def conv2d_tile_kernel(x, weight, scale, bias, out, kernel_width, stride, padding, dilation, relu):
    """One thread = 4 x 4 output numbers; one block = 64 pixels x 64 channels; grid: all pixels by all channels.

    Shared: 16 numbers of each of the 64 windows, and the 16 x 64 weights that these are multiplied by.
    weight: (kh kw C_in, C_out); out: (N H' W', C_out) with its height and width in the grid's arguments.
    """
    windows = cuda.shared.array((K_TILE, PADDED), float32)
    weights = cuda.shared.array((K_TILE, PADDED), float32)
    sums = cuda.local.array((THREAD_TILE, THREAD_TILE), float32)
    image = cuda.local.array(THREAD_TILE, uint32)
    top = cuda.local.array(THREAD_TILE, uint32)
    left = cuda.local.array(THREAD_TILE, uint32)
    clear(sums)
    thread = uint32(cuda.threadIdx.x)
    first_pixel, first_channel = uint32(cuda.blockIdx.x * TILE), uint32(cuda.blockIdx.y * TILE)
    channels_in, channels = uint32(x.shape[3]), uint32(out.shape[3])
    depth, pixels = uint32(weight.shape[0]), uint32(out.shape[0] * out.shape[1] * out.shape[2])
    fetch_row, fetch_column = uint32(thread % uint32(K_TILE)), uint32(thread // uint32(K_TILE))
    for r in range(THREAD_TILE):  # the pixels whose windows this thread fetches from
        pixel = uint32(first_pixel + fetch_column + uint32(SIDE) * uint32(r))
        line = uint32(pixel // uint32(out.shape[2]))
        image[r] = uint32(line // uint32(out.shape[1]))
        top[r] = uint32(uint32(line % uint32(out.shape[1])) * stride - padding) if pixel < pixels else uint32(NOWHERE)
        left[r] = uint32(uint32(pixel % uint32(out.shape[2])) * stride - padding)
    for start in range(uint32(0), depth, uint32(K_TILE)):
        k = uint32(start + fetch_row)
        position = uint32(k // channels_in)
        c, i = uint32(k - position * channels_in), uint32(position // kernel_width)
        j = uint32(position - i * kernel_width)
        for r in range(THREAD_TILE):
            y, xx = uint32(top[r] + i * dilation), uint32(left[r] + j * dilation)
            value = float32(0.0)
            if k < depth and y < uint32(x.shape[1]) and xx < uint32(x.shape[2]):
                value = x[image[r], y, xx, c]
            windows[fetch_row, uint32(fetch_column + uint32(SIDE) * uint32(r))] = value
        for r in range(THREAD_TILE):
            row = uint32(thread // uint32(TILE) + uint32(THREAD_TILE) * uint32(r))
            column = uint32(thread % uint32(TILE))
            kk, co = uint32(start + row), uint32(first_channel + column)
            value = float32(0.0)
            if kk < depth and co < channels:
                value = weight[kk, co]
            weights[row, column] = value
        cuda.syncthreads()  # until the K tile is complete
        multiply_k_tile(windows, weights, sums, uint32(thread // uint32(SIDE)), uint32(thread % uint32(SIDE)))
        cuda.syncthreads()  # until all threads have read it
    for a in range(THREAD_TILE):
        pixel = uint32(first_pixel + uint32(thread // uint32(SIDE)) * uint32(THREAD_TILE) + uint32(a))
        line = uint32(pixel // uint32(out.shape[2]))
        for b in range(THREAD_TILE):
            co = uint32(first_channel + uint32(thread % uint32(SIDE)) + uint32(SIDE) * uint32(b))
            if pixel < pixels and co < channels:
                total = sums[a, b] * scale[co] + bias[co]
                if relu and total < float32(0.0):
                    total = float32(0.0)
                n, oy = uint32(line // uint32(out.shape[1])), uint32(line % uint32(out.shape[1]))
                out[n, oy, uint32(pixel % uint32(out.shape[2])), co] = total


def conv2d_algorithm(weight, stride):
    """Return the name of the algorithm: tiles of a matrix product, for every shape."""
    return "tiles"


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None):
    """Convolve x with weight and add bias; see reference/conv2d.py for the meaning of every argument."""
    x, weight, bias, out = _arguments(x, weight, bias, stride, padding, dilation)
    kh, kw, channels_in, channels = weight.shape
    blocks = blocks_for(out.size // channels, TILE) if channels else 0, blocks_for(channels, TILE)
    scale = filled(1.0, channels) if scale is None else to_device(scale)
    arrays = x, weight.reshape(kh * kw * channels_in, channels), scale, bias, out
    launch(conv2d_tile_kernel, blocks, THREADS, *arrays, *map(np.uint32, (kw, stride, padding, dilation, relu)))
    return out


def conv2d_forward_plain(x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None):
    """Do what conv2d_forward does, with a thread for each output number, for comparison with the tiles."""
    x, weight, bias, out = _arguments(x, weight, bias, stride, padding, dilation)
    scale = filled(1.0, weight.shape[3]) if scale is None else to_device(scale)
    numbers = map(np.uint32, (stride, padding, dilation, relu))
    launch(conv2d_plain_kernel, blocks_for(out.size, 256), 256, x, weight, scale, bias, out, *numbers)
    return out


def _arguments(x, weight, bias, stride, padding, dilation):
    shape = check_conv2d(x, weight, bias, stride, padding, dilation)
    bias = filled(0.0, weight.shape[3]) if bias is None else to_device(bias)
    return to_device(x), to_device(weight), bias, empty(shape)
