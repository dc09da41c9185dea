"""The gradient of 3x3 weights by Winograd: the sum over all tiles is a matrix product for each of the 36 values.

    V = transform_input(x)                                 # (36, tiles, C_in)
    dM = A @ dout_tiles @ A.T                              # (36, tiles, C_out), from (4, 4) for each tile and channel
    dU = [V[v].T @ dM[v] for v in range(36)]               # (36, C_in, C_out)
    dweight = G.T @ dU.reshape(6, 6, C_in, C_out) @ G      # (3, 3, C_in, C_out)

This is the forward pass out = A^T (U * V) A differentiated step by step. Each job owns a block of dU and goes through
all tiles. Where channels are few, a job goes through a part of the tiles, and the parts are added in order.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import Size, gemm_transposed
from numpyssd.kernels.cpu.conv.layout import Matrix, padded_columns
from numpyssd.kernels.cpu.conv.winograd import KERNEL, PATCH, TILE, VALUES
from numpyssd.kernels.cpu.conv.winograd_2d import transform_gradient, transform_kernel_gradient
from numpyssd.kernels.cpu.conv.winograd_tiles import Grid, Part, copy_patch, place_of, tiles_of, transform_input
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, lanes

STRIP = 192  # tiles; the longer, the less often the sums are read and written
MIN_TILES = 32  # of a part
BLOCK = 128, 256  # rows and columns of a block of dU, at most
JOBS = 8  # at least


@inner
def _transform_dout(dout, shape, grid, part, patch, values, slice_size):
    """Write dM = A dout A^T of a Part, each of the 36 matrices in packed panels, slice_size apart."""
    height, width, channels = shape[1], shape[2], shape[3]
    dilation = grid.dilation
    lanes_ = REGISTER_BYTES // dout.itemsize
    tiles, reach = part.last - part.first, (TILE - 1) * dilation
    whole = (channels + lanes_ - 1) // lanes_ * lanes_
    end = min(part.end, whole)
    for tile in range(part.first, part.last):
        image, top, left = place_of(tile, grid)
        if top + reach < height and left + reach < width and whole == channels:
            source, at = dout, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            copy_patch(dout, shape, image, top, left, dilation, np.int64(TILE), patch, whole)
            source, at, down, right = patch, 0, TILE * whole, whole
        for c in range(part.begin, end, lanes_):
            panel = (c - part.begin) // (2 * lanes_) * (2 * lanes_)
            wide = min(2 * lanes_, end - part.begin - panel)
            to = panel * tiles + (tile - part.first) * wide + c - part.begin - panel
            pixels = Matrix(at + c, down, right)
            transform_gradient(source, pixels, values, Matrix(to, PATCH * slice_size, slice_size))


@njit
def _blocks(tickets, jobs, x, x_shape, dout, dout_shape, grid, padding, strip, values, gradients, patch, sums):
    """Add up blocks of dU; jobs (jobs, 7): the row of sums that is written, then first and last tile, row, column."""
    job = take(tickets)
    while job < len(jobs):
        part, first, last, top = jobs[job, 0], jobs[job, 1], jobs[job, 2], jobs[job, 3]
        bottom, begin, end = jobs[job, 4], jobs[job, 5], jobs[job, 6]
        block = Part(first, last, top, bottom), Part(first, last, begin, end)
        _block(x, x_shape, dout, dout_shape, grid, padding, block, strip, values, gradients, patch, sums[part])
        job = take(tickets)


@inner
def _block(x, x_shape, dout, dout_shape, grid, padding, block, strip, values, gradients, patch, sums):
    """Add up a block of dU over a range of tiles; block: Parts of x and of dout; sums (36 C_in columns,): all of dU."""
    first, last, top, bottom = block[0]
    begin, end = block[1].begin, block[1].end
    lanes_ = REGISTER_BYTES // x.itemsize
    channels_in = x_shape[3]
    matrix = (dout_shape[3] + 2 * lanes_ - 1) // (2 * lanes_) * (2 * lanes_) * channels_in  # size of one of the 36
    deep, wide = bottom - top, (end - begin + lanes_ - 1) // lanes_ * lanes_
    one = np.int64(1)
    for start in range(first, last, strip):
        stop = min(start + strip, last)
        count = stop - start
        row_in = deep + lanes_  # a little more than a power of two, so that rows do not evict each other
        slice_in, slice_out = count * row_in + lanes_, count * wide + lanes_
        v_layout = Matrix(np.int64(0), row_in, slice_in)
        transform_input(x, x_shape, grid, padding, Part(start, stop, top, bottom), patch, values, v_layout)
        _transform_dout(dout, dout_shape, grid, Part(start, stop, begin, begin + wide), patch, gradients, slice_out)
        size = Size(deep, wide, count)
        for v in range(VALUES):
            transposed = Matrix(v * slice_in, one, row_in)
            at = v * matrix + begin * channels_in + top * 2 * lanes_
            result = Matrix(at, 2 * lanes_, 2 * lanes_ * channels_in)
            b, b_next, add = v * slice_out, (v + 1) * slice_out, np.int64(start > first)
            gemm_transposed(values, transposed, gradients, b, b_next, sums, result, size, add)


@njit
def _pieces(tickets, pieces, sums, channels_in, matrix, dweight):
    piece = take(tickets)
    while piece < len(pieces):
        _finish(sums, channels_in, matrix, pieces[piece, 0], pieces[piece, 1], dweight)
        piece = take(tickets)


@inner
def _finish(sums, channels_in, matrix, first, last, dweight):
    """Write dweight = G^T dU G for input channels first .. last; dU is the sum of the parts (rows of ``sums``)."""
    lanes_ = REGISTER_BYTES // dweight.itemsize
    total, columns = sums[0], dweight.shape[2]
    flat, position = dweight.reshape(-1), channels_in * columns
    for panel in range(0, columns, 2 * lanes_):
        for k in range(first, last):
            row = panel * channels_in + k * 2 * lanes_
            for part in range(1, len(sums)):
                for v in range(VALUES):
                    at = v * matrix + row
                    target, source = total[at : at + 2 * lanes_], sums[part, at : at + 2 * lanes_]
                    for c in range(len(target)):
                        target[c] += source[c]
            for c in range(0, min(2 * lanes_, columns - panel), lanes_):
                values = Matrix(row + c, PATCH * matrix, matrix)
                to = Matrix(k * columns + panel + c, KERNEL * position, position)
                transform_kernel_gradient(total, values, flat, to)


def _cut(count, length, least):
    """Cut a number of channels into pieces of ``length``, none of them narrower than a vector."""
    pieces = spans(count, length).tolist()
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < least:
        pieces[-2:] = [(pieces[-2][0], count)]
    return pieces


def gradient_of_weight(dout, x, padding, dilation):
    """Return dweight (3, 3, C_in, C_out) for dout (N, H', W', C_out) and x (N, H, W, C_in)."""
    count, *grid = tiles_of(*dout.shape[:3], dilation)
    grid = Grid(*grid, dilation)
    channels_in, channels_out, dtype = x.shape[3], dout.shape[3], x.dtype
    if count == 0:  # no images, so no part of a sum
        return np.zeros((KERNEL, KERNEL, channels_in, channels_out), dtype)
    least, whole = lanes(dtype), padded_columns(channels_out, dtype)
    blocks = [(i, j) for i in _cut(channels_in, BLOCK[0], least) for j in _cut(channels_out, BLOCK[1], least)]
    parts = max(1, -(-JOBS // len(blocks)))
    tiles = spans(count, max(MIN_TILES, -(-count // parts)))
    jobs = [(part, *span, *rows, *columns) for part, span in enumerate(tiles) for rows, columns in blocks]
    jobs = np.array(jobs, np.int64)  # (jobs, 7)
    matrix = -(-channels_out // (2 * least)) * 2 * least * channels_in  # size of one of the 36, in whole panels
    sums = empty((len(tiles), VALUES * matrix), dtype)
    flat, flat_dout, strip = x.reshape(-1), dout.reshape(-1), min(STRIP, count)
    deep = max(stop - start for (start, stop), _ in blocks)
    wide = padded_columns(max(stop - start for _, (start, stop) in blocks), dtype)

    def work(tickets):
        values = scratch("values", (VALUES * (strip * (deep + least) + least),), dtype)
        gradients = scratch("sums", (VALUES * (strip * wide + least),), dtype)
        patch = scratch("patch", (VALUES * max(channels_in, whole),), dtype)
        arrays = flat, x.shape, flat_dout, dout.shape
        _blocks(tickets, jobs, *arrays, grid, padding, strip, values, gradients, patch, sums)

    parallel(work, len(jobs))
    dweight = empty((KERNEL * KERNEL, channels_in, whole), dtype)
    pieces = spans(channels_in, 8)
    parallel(lambda tickets: _pieces(tickets, pieces, sums, channels_in, matrix, dweight), len(pieces))
    return np.ascontiguousarray(dweight[..., :channels_out]).reshape(KERNEL, KERNEL, channels_in, channels_out)
