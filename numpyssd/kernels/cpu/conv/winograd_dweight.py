"""The gradient of 3x3 weights, summed where the products are: in Winograd's values, over all tiles of the batch.

The forward pass is out = A^T [U * V] A with U = G g G^T and V = B^T d B. Going back through it, dM = A dout A^T, then
dU = V^T dM for each of the 36 values (a matrix product that runs over tiles: C_in x tiles x C_out), and at the very
end, once, dg = G^T dU G. A quarter of the direct way's arithmetic. Each job owns a block of dU and goes through all
tiles; where channels are few, it goes through a part of the tiles, and the parts are added in order.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import multiply, padded
from numpyssd.kernels.cpu.conv.winograd import (
    PATCH,
    TAPS,
    TILE,
    copy_patch,
    gradient_transform,
    load_4,
    load_6,
    place_of,
    store_6,
    tiles_of,
    weight_gradient_transform,
)
from numpyssd.kernels.cpu.conv.winograd_forward import transform_input
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, lanes, store

VALUES = PATCH * PATCH
STRIP = 192  # tiles; the longer, the less often the sums are read and written
LEAST = 32  # tiles of a part
BLOCK = 128, 256  # rows and columns of a block of dU, at most
JOBS = 8  # at least


@inner
def _transform_gradient(dout, shape, grid, first, last, begin, end, patch, values, slice_size):
    """Write dM = A dout A^T of the tiles first .. last, channels begin .. end, each of the 36 matrices in panels."""
    height, width, channels = shape[1], shape[2], shape[3]
    rows, columns, dilation = grid
    lanes = REGISTER_BYTES // dout.itemsize
    tiles, reach = last - first, (TILE - 1) * dilation
    whole = (channels + lanes - 1) // lanes * lanes
    for tile in range(first, last):
        image, top, left = place_of(tile, rows, columns, dilation)
        if top + reach < height and left + reach < width and whole == channels:
            source, at = dout, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            copy_patch(dout, shape, image, top, left, dilation, np.int64(TILE), patch, whole)
            source, at, down, right = patch, 0, TILE * whole, whole
        for c in range(begin, min(end, whole), lanes):
            c0 = gradient_transform(*load_4(source, at + c, down))
            c1 = gradient_transform(*load_4(source, at + c + right, down))
            c2 = gradient_transform(*load_4(source, at + c + 2 * right, down))
            c3 = gradient_transform(*load_4(source, at + c + 3 * right, down))
            panel = (c - begin) // (2 * lanes) * (2 * lanes)
            wide = min(2 * lanes, min(end, whole) - begin - panel)
            to = panel * tiles + (tile - first) * wide + c - begin - panel
            store_6(values, to, slice_size, gradient_transform(c0[0], c1[0], c2[0], c3[0]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, gradient_transform(c0[1], c1[1], c2[1], c3[1]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, gradient_transform(c0[2], c1[2], c2[2], c3[2]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, gradient_transform(c0[3], c1[3], c2[3], c3[3]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, gradient_transform(c0[4], c1[4], c2[4], c3[4]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, gradient_transform(c0[5], c1[5], c2[5], c3[5]))


@njit
def _block(x, x_shape, dout, dout_shape, grid, padding, job, strip, values, gradients, patch, sums):
    """Make one block of dU from the tiles of a job; sums (36 C_in columns,) is where the whole of dU lies."""
    first, last, top, bottom, begin, end = job
    lanes = REGISTER_BYTES // x.itemsize
    channels_in = x_shape[3]
    size = (dout_shape[3] + 2 * lanes - 1) // (2 * lanes) * (2 * lanes) * channels_in  # of one of the 36 matrices
    deep, wide = bottom - top, (end - begin + lanes - 1) // lanes * lanes
    for start in range(first, last, strip):
        stop = min(start + strip, last)
        tiles = stop - start
        row_in = deep + lanes  # a little more than a power of two, so that rows don't push each other out
        slice_in, slice_out = tiles * row_in, tiles * wide + lanes
        transform_input(x, x_shape, grid, padding, start, stop, top, bottom, patch, values, slice_in, row_in)
        _transform_gradient(dout, dout_shape, grid, start, stop, begin, begin + wide, patch, gradients, slice_out)
        for v in range(VALUES):
            at = v * size + begin * channels_in + top * 2 * lanes
            multiply(
                values, v * slice_in, np.int64(1), row_in, deep, gradients, v * slice_out, sums, at, 2 * lanes,
                2 * lanes * channels_in, wide, tiles, np.int64(start > first),
            )  # fmt: skip


@njit
def _finish(sums, channels_in, size, first, last, dtaps):
    """Write dg = G^T dU G, where dU is the sum of the parts (rows of ``sums``), for input channels first .. last."""
    lanes = REGISTER_BYTES // dtaps.itemsize
    total, columns = sums[0], dtaps.shape[2]
    taps, tap = dtaps.reshape(-1), channels_in * columns
    for panel in range(0, columns, 2 * lanes):
        for k in range(first, last):
            row = panel * channels_in + k * 2 * lanes
            for part in range(1, len(sums)):
                for v in range(VALUES):
                    at = v * size + row
                    target, source = total[at : at + 2 * lanes], sums[part, at : at + 2 * lanes]
                    for c in range(len(target)):
                        target[c] += source[c]
            for c in range(0, min(2 * lanes, columns - panel), lanes):
                at = row + c
                c0 = weight_gradient_transform(*load_6(total, at, 6 * size))
                c1 = weight_gradient_transform(*load_6(total, at + size, 6 * size))
                c2 = weight_gradient_transform(*load_6(total, at + 2 * size, 6 * size))
                c3 = weight_gradient_transform(*load_6(total, at + 3 * size, 6 * size))
                c4 = weight_gradient_transform(*load_6(total, at + 4 * size, 6 * size))
                c5 = weight_gradient_transform(*load_6(total, at + 5 * size, 6 * size))
                to = k * columns + panel + c
                _store_3(taps, to, tap, weight_gradient_transform(c0[0], c1[0], c2[0], c3[0], c4[0], c5[0]))
                to += 3 * tap
                _store_3(taps, to, tap, weight_gradient_transform(c0[1], c1[1], c2[1], c3[1], c4[1], c5[1]))
                to += 3 * tap
                _store_3(taps, to, tap, weight_gradient_transform(c0[2], c1[2], c2[2], c3[2], c4[2], c5[2]))


@inner
def _store_3(target, at, step, row):
    store(target, at, row[0])
    store(target, at + step, row[1])
    store(target, at + 2 * step, row[2])


def _cut(count, length, least):
    """Cut a number of channels into pieces of ``length``, none of them narrower than a vector."""
    pieces = spans(count, length)
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < least:
        pieces[-2:] = [(pieces[-2][0], count)]
    return pieces


def gradient_of_weight(dout, x, padding, dilation):
    """Return dweight (3, 3, C_in, C_out) for dout (N, H', W', C_out) and x (N, H, W, C_in)."""
    count, rows, columns = tiles_of(*dout.shape[:3], dilation)
    channels_in, channels_out, dtype = x.shape[3], dout.shape[3], x.dtype
    if count == 0:  # no images, so no part of a sum
        return np.zeros((TAPS, TAPS, channels_in, channels_out), dtype)
    least, whole = lanes(dtype), padded(channels_out, dtype)
    blocks = [(*i, *j) for i in _cut(channels_in, BLOCK[0], least) for j in _cut(channels_out, BLOCK[1], least)]
    parts = max(1, -(-JOBS // len(blocks)))
    tiles = spans(count, max(LEAST, -(-count // parts)))
    jobs = [(p, (*part, *block)) for p, part in enumerate(tiles) for block in blocks]
    size = -(-channels_out // (2 * least)) * 2 * least * channels_in  # of one of the 36 matrices, in whole panels
    sums = empty((len(tiles), VALUES * size), dtype)
    flat, flat_dout, grid = x.reshape(-1), dout.reshape(-1), (rows, columns, dilation)
    deep, wide = (max(b[1] - b[0] for b in blocks), padded(max(b[3] - b[2] for b in blocks), dtype))

    strip = min(STRIP, count)

    def job(j):
        part, what = jobs[j]
        values = scratch("values", (VALUES * strip * (deep + least),), dtype)
        gradients = scratch("sums", (VALUES * (strip * wide + least),), dtype)
        patch = scratch("patch", (VALUES * max(channels_in, whole),), dtype)
        _block(flat, x.shape, flat_dout, dout.shape, grid, padding, what, strip, values, gradients, patch, sums[part])

    parallel(job, len(jobs))
    dtaps = empty((TAPS * TAPS, channels_in, whole), dtype)
    pieces = spans(channels_in, 8)
    parallel(lambda p: _finish(sums, channels_in, size, *pieces[p], dtaps), len(pieces))
    return np.ascontiguousarray(dtaps[..., :channels_out]).reshape(TAPS, TAPS, channels_in, channels_out)
