"""The gradients of a convolution on the device: of its input, of its weights, and of its bias.

No thread adds to what another thread writes. Sums that are too long for one block are cut into parts; their length
depends on the shapes alone, and the parts are added in order. So every run gives the same bits.
"""

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.relu import relu_backward
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.sums import add_parts, column_sums
from numpyssd.kernels.cuda.tile import K_TILE, PADDED, SIDE, THREAD_TILE, THREADS, TILE, clear, multiply_k_tile
from numpyssd.kernels.shapes import check_conv2d, check_same_shape

NOWHERE = 1 << 31
BLOCKS = 1024  # that the gradient of the weights is cut into, at least, where there are pixels enough
PIXELS = 256  # of a part, at least


def conv2d_input_gradient_kernel(dout, weight, dx, kernel_width, stride, padding, dilation):
    """One thread = 4 x 4 numbers of dx; one block = 64 input pixels x 64 channels; grid: all of both.

    Shared: 16 numbers of dout for each of the 64 pixels, and their 16 x 64 weights. An input pixel gathers from the
    output pixels whose windows contain it. weight: (kh kw, C_in, C_out).
    """
    gathered = cuda.shared.array((K_TILE, PADDED), float32)
    weights = cuda.shared.array((K_TILE, PADDED), float32)
    sums = cuda.local.array((THREAD_TILE, THREAD_TILE), float32)
    image = cuda.local.array(THREAD_TILE, uint32)
    low = cuda.local.array(THREAD_TILE, uint32)
    right = cuda.local.array(THREAD_TILE, uint32)
    clear(sums)
    thread = uint32(cuda.threadIdx.x)
    first_pixel, first_channel = uint32(cuda.blockIdx.x * TILE), uint32(cuda.blockIdx.y * TILE)
    channels_out, channels = uint32(dout.shape[3]), uint32(dx.shape[3])
    depth, pixels = uint32(weight.shape[0] * weight.shape[2]), uint32(dx.shape[0] * dx.shape[1] * dx.shape[2])
    fetch_row, fetch_column = uint32(thread % uint32(K_TILE)), uint32(thread // uint32(K_TILE))
    for r in range(THREAD_TILE):  # the pixels for which this thread fetches
        pixel = uint32(first_pixel + fetch_column + uint32(SIDE) * uint32(r))
        line = uint32(pixel // uint32(dx.shape[2]))
        image[r] = uint32(line // uint32(dx.shape[1]))
        low[r] = uint32(line % uint32(dx.shape[1]) + padding) if pixel < pixels else uint32(NOWHERE)
        right[r] = uint32(pixel % uint32(dx.shape[2]) + padding)
    for start in range(uint32(0), depth, uint32(K_TILE)):
        k = uint32(start + fetch_row)
        position = uint32(k // channels_out)
        co, i = uint32(k - position * channels_out), uint32(position // kernel_width)
        j = uint32(position - i * kernel_width)
        for r in range(THREAD_TILE):
            y, xx = uint32(low[r] - i * dilation), uint32(right[r] - j * dilation)  # stride times the output pixel's
            oy, ox = uint32(y // stride), uint32(xx // stride)
            value = float32(0.0)
            inside = oy < uint32(dout.shape[1]) and ox < uint32(dout.shape[2])
            if k < depth and inside and uint32(oy * stride) == y and uint32(ox * stride) == xx:
                value = dout[image[r], oy, ox, co]
            gathered[fetch_row, uint32(fetch_column + uint32(SIDE) * uint32(r))] = value
            c = uint32(first_channel + fetch_column + uint32(SIDE) * uint32(r))
            value = float32(0.0)
            if k < depth and c < channels:
                value = weight[position, c, co]
            weights[fetch_row, uint32(fetch_column + uint32(SIDE) * uint32(r))] = value
        cuda.syncthreads()  # until the K tile is complete
        multiply_k_tile(gathered, weights, sums, uint32(thread // uint32(SIDE)), uint32(thread % uint32(SIDE)))
        cuda.syncthreads()  # until all threads have read it
    for a in range(THREAD_TILE):
        pixel = uint32(first_pixel + uint32(thread // uint32(SIDE)) * uint32(THREAD_TILE) + uint32(a))
        line = uint32(pixel // uint32(dx.shape[2]))
        for b in range(THREAD_TILE):
            c = uint32(first_channel + uint32(thread % uint32(SIDE)) + uint32(SIDE) * uint32(b))
            if pixel < pixels and c < channels:
                n, y = uint32(line // uint32(dx.shape[1])), uint32(line % uint32(dx.shape[1]))
                dx[n, y, uint32(pixel % uint32(dx.shape[2])), c] = sums[a, b]


def conv2d_weight_gradient_kernel(x, dout, parts, kernel_width, stride, padding, dilation, part_pixels):
    """One thread = 4 x 4 numbers of dweight; one block = 64 weights x 64 channels of a part of the pixels.

    Grid: all weights of a channel by all channels by all parts. Shared: 16 pixels of both sides.
    parts: (parts, kh kw C_in, C_out), each summed over its own part_pixels output pixels.
    """
    windows = cuda.shared.array((K_TILE, PADDED), float32)
    gradients = cuda.shared.array((K_TILE, PADDED), float32)
    sums = cuda.local.array((THREAD_TILE, THREAD_TILE), float32)
    clear(sums)
    thread, part = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.z)
    column, fetch_row = uint32(thread % uint32(TILE)), uint32(thread // uint32(TILE))
    k, co = uint32(cuda.blockIdx.x * TILE + column), uint32(cuda.blockIdx.y * TILE + column)  # that are fetched
    position = uint32(k // uint32(x.shape[3]))
    c, i = uint32(k - position * uint32(x.shape[3])), uint32(position // kernel_width)
    j = uint32(position - i * kernel_width)
    depth, channels = uint32(parts.shape[1]), uint32(parts.shape[2])
    pixels = uint32(dout.shape[0] * dout.shape[1] * dout.shape[2])
    first = uint32(part * part_pixels)
    last = min(uint32(first + part_pixels), pixels)
    for start in range(first, last, uint32(K_TILE)):
        for r in range(THREAD_TILE):
            row = uint32(fetch_row + uint32(THREAD_TILE) * uint32(r))
            pixel = uint32(start + row)
            line, ox = uint32(pixel // uint32(dout.shape[2])), uint32(pixel % uint32(dout.shape[2]))
            n, oy = uint32(line // uint32(dout.shape[1])), uint32(line % uint32(dout.shape[1]))
            y = uint32(oy * stride + i * dilation - padding)  # below zero it is some four billion, and so not inside
            xx = uint32(ox * stride + j * dilation - padding)
            seen, gradient = float32(0.0), float32(0.0)
            if pixel < last:
                if k < depth and y < uint32(x.shape[1]) and xx < uint32(x.shape[2]):
                    seen = x[n, y, xx, c]
                if co < channels:
                    gradient = dout[n, oy, ox, co]
            windows[row, column], gradients[row, column] = seen, gradient
        cuda.syncthreads()  # until the K tile is complete
        multiply_k_tile(windows, gradients, sums, uint32(thread // uint32(SIDE)), uint32(thread % uint32(SIDE)))
        cuda.syncthreads()  # until all threads have read it
    for a in range(THREAD_TILE):
        row = uint32(cuda.blockIdx.x * TILE + uint32(thread // uint32(SIDE)) * uint32(THREAD_TILE) + uint32(a))
        for b in range(THREAD_TILE):
            co = uint32(cuda.blockIdx.y * TILE + uint32(thread % uint32(SIDE)) + uint32(SIDE) * uint32(b))
            if row < depth and co < channels:
                parts[part, row, co] = sums[a, b]


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True, out=None):
    """Return dx, dweight, dbias; see reference/conv2d.py for the meaning of every argument."""
    check_same_shape("dout", dout, check_conv2d(x, weight, None, stride, padding, dilation))
    dout, x, weight = to_device(dout), to_device(x), to_device(weight)
    if out is not None:
        dout = relu_backward(dout, out)
    kh, kw, channels_in, channels = weight.shape
    geometry = [np.uint32(n) for n in (kw, stride, padding, dilation)]
    dx = empty(x.shape) if need_dx else None
    if need_dx:
        blocks = blocks_for(dx.size // channels_in, TILE), blocks_for(channels_in, TILE)
        positions = weight.reshape(kh * kw, channels_in, channels)
        launch(conv2d_input_gradient_kernel, blocks, THREADS, dout, positions, dx, *geometry)
    depth, pixels = kh * kw * channels_in, dout.size // channels
    if not pixels:  # no image: there is nothing that a kernel could be given
        return dx, to_device(np.zeros(weight.shape, np.float32)), column_sums(dout)
    blocks = blocks_for(depth, TILE), blocks_for(channels, TILE)
    count = max(1, min(blocks_for(BLOCKS, blocks[0] * blocks[1]), pixels // PIXELS))
    part_pixels = blocks_for(blocks_for(pixels, count), K_TILE) * K_TILE
    parts = empty((blocks_for(pixels, part_pixels), depth, channels))
    launch(
        conv2d_weight_gradient_kernel, (*blocks, len(parts)), THREADS, x, dout, parts, *geometry, np.uint32(part_pixels)
    )
    return dx, add_parts(parts).reshape(*weight.shape), column_sums(dout)
