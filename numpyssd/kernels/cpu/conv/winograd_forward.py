"""A 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3), a strip of tiles after the other; see winograd.py.

For a strip of some tens of tiles: V = B^T d B of every tile (36 matrices: tiles x C_in), M = V U (36 products with the
transformed weights U, C_in x C_out), then out = A^T M A, to which the bias is added and the rectifier applied before
anything is written. V and M of a strip stay in the core's own cache; where there are few tiles and many channels,
a job takes only some columns of U, so that both threads have work. A quarter of the direct way's arithmetic.
"""

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import multiply, padded
from numpyssd.kernels.cpu.conv.winograd import (
    PATCH,
    TILE,
    copy_patch,
    input_transform,
    load_6,
    output_transform,
    place_of,
    store_6,
    tiles_of,
)
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, lanes, load, multiply_add, rectify, store

VALUES = PATCH * PATCH
STRIP_FLOATS = 3 << 16  # of V and M together: 768 KiB in float32, within the cache of one core (L2)
LEAST_TILES, MOST_TILES = 32, 96  # but so many tiles, that the weights are read often enough from where they lie
JOBS = 8  # at least, where the work can be cut


@inner
def transform_input(x, shape, grid, padding, first, last, begin, end, patch, values, slice_size, row_size):
    """Write V: B^T d B of the tiles first .. last, channels begin .. end, value (i, j) of all tiles together.

    Row t of value v lies at v slice_size + t row_size.
    """
    height, width, channels = shape[1], shape[2], shape[3]
    rows, columns, dilation = grid
    lanes_ = REGISTER_BYTES // x.itemsize
    for tile in range(first, last):
        image, top, left = place_of(tile, rows, columns, dilation)
        top, left = top - padding, left - padding
        reach = (PATCH - 1) * dilation
        inside = top >= 0 and left >= 0 and top + reach < height and left + reach < width
        if inside:
            source, at = x, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            copy_patch(x, shape, image, top, left, dilation, np.int64(PATCH), patch, channels)
            source, at, down, right = patch, 0, PATCH * channels, channels
        target = (tile - first) * row_size
        for start in range(begin, end, lanes_):
            c = min(start, end - lanes_)  # the last vector may lie over the one before
            r0 = input_transform(*load_6(source, at + c, down))
            r1 = input_transform(*load_6(source, at + c + right, down))
            r2 = input_transform(*load_6(source, at + c + 2 * right, down))
            r3 = input_transform(*load_6(source, at + c + 3 * right, down))
            r4 = input_transform(*load_6(source, at + c + 4 * right, down))
            r5 = input_transform(*load_6(source, at + c + 5 * right, down))
            to = target + c - begin
            store_6(values, to, slice_size, input_transform(r0[0], r1[0], r2[0], r3[0], r4[0], r5[0]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, input_transform(r0[1], r1[1], r2[1], r3[1], r4[1], r5[1]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, input_transform(r0[2], r1[2], r2[2], r3[2], r4[2], r5[2]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, input_transform(r0[3], r1[3], r2[3], r3[3], r4[3], r5[3]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, input_transform(r0[4], r1[4], r2[4], r3[4], r4[4], r5[4]))
            to += PATCH * slice_size
            store_6(values, to, slice_size, input_transform(r0[5], r1[5], r2[5], r3[5], r4[5], r5[5]))


@inner
def _store_outputs(target, at, right, row, scale, bias, relu):
    y0, y1 = multiply_add(scale, row[0], bias), multiply_add(scale, row[1], bias)
    y2, y3 = multiply_add(scale, row[2], bias), multiply_add(scale, row[3], bias)
    if relu:
        y0, y1, y2, y3 = rectify(y0), rectify(y1), rectify(y2), rectify(y3)
    store(target, at, y0)
    store(target, at + right, y1)
    store(target, at + 2 * right, y2)
    store(target, at + 3 * right, y3)


@inner
def _transform_output(sums, slice_size, row_size, finish, out, shape, grid, first, last, begin, end, patch):
    """Write out = A^T M A scale + bias, then rectified, of the tiles first .. last, channels begin .. end."""
    height, width, channels = shape[1], shape[2], shape[3]
    rows, columns, dilation = grid
    scale, bias, relu = finish
    lanes_ = REGISTER_BYTES // out.itemsize
    for tile in range(first, last):
        image, top, left = place_of(tile, rows, columns, dilation)
        reach = (TILE - 1) * dilation
        inside = top + reach < height and left + reach < width
        if inside:
            target, at = out, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            target, at, down, right = patch, 0, TILE * channels, channels
        source = (tile - first) * row_size - begin
        for start in range(begin, end, lanes_):
            c = min(start, end - lanes_)
            r0 = output_transform(*load_6(sums, source + c, PATCH * slice_size))
            r1 = output_transform(*load_6(sums, source + c + slice_size, PATCH * slice_size))
            r2 = output_transform(*load_6(sums, source + c + 2 * slice_size, PATCH * slice_size))
            r3 = output_transform(*load_6(sums, source + c + 3 * slice_size, PATCH * slice_size))
            r4 = output_transform(*load_6(sums, source + c + 4 * slice_size, PATCH * slice_size))
            r5 = output_transform(*load_6(sums, source + c + 5 * slice_size, PATCH * slice_size))
            s, b, to = load(scale, c), load(bias, c), at + c
            _store_outputs(target, to, right, output_transform(r0[0], r1[0], r2[0], r3[0], r4[0], r5[0]), s, b, relu)
            to += down
            _store_outputs(target, to, right, output_transform(r0[1], r1[1], r2[1], r3[1], r4[1], r5[1]), s, b, relu)
            to += down
            _store_outputs(target, to, right, output_transform(r0[2], r1[2], r2[2], r3[2], r4[2], r5[2]), s, b, relu)
            to += down
            _store_outputs(target, to, right, output_transform(r0[3], r1[3], r2[3], r3[3], r4[3], r5[3]), s, b, relu)
        if not inside:
            _copy_inside(patch, out, shape, image, top, left, dilation, begin, end)


@inner
def _copy_inside(patch, out, shape, image, top, left, dilation, begin, end):
    height, width, channels = shape[1], shape[2], shape[3]
    for i in range(TILE):
        y = top + i * dilation
        for j in range(TILE):
            column = left + j * dilation
            if y < height and column < width:
                at = ((image * height + y) * width + column) * channels
                source, target = patch[(i * TILE + j) * channels :], out[at : at + channels]
                for c in range(begin, end):
                    target[c] = source[c]


@njit
def _strip(x, x_shape, weights, finish, out, out_shape, grid, padding, job, values, sums, patch):
    first, last, begin, end = job
    channels_in, tiles = x_shape[3], last - first
    lanes_ = REGISTER_BYTES // x.itemsize
    whole = (out_shape[3] + lanes_ - 1) // lanes_ * lanes_  # columns of the weights, filled up
    columns = min(end, whole) - begin
    columns = (columns + lanes_ - 1) // lanes_ * lanes_
    row_in = channels_in + lanes_  # a little more than a power of two, so that rows don't push each other out
    slice_in, slice_out = tiles * row_in, tiles * columns + lanes_
    no = np.int64(0)
    transform_input(x, x_shape, grid, padding, first, last, no, channels_in, patch, values, slice_in, row_in)
    for v in range(VALUES):
        panel = (v * whole + begin) * channels_in
        multiply(
            values, v * slice_in, row_in, np.int64(1), tiles, weights, panel, sums, v * slice_out, columns, 2 * lanes_,
            columns, channels_in, no,
        )  # fmt: skip
    end = min(end, out_shape[3])
    _transform_output(sums, slice_out, columns, finish, out, out_shape, grid, first, last, begin, end, patch)


def _jobs(tiles, channels_in, channels_out, dtype):
    """Cut the work into (first tile, last tile, first column, last column)."""
    wide = 2 * lanes(dtype)
    strip = STRIP_FLOATS // (VALUES * (channels_in + channels_out))
    strip = min(max(strip // 8 * 8, LEAST_TILES), MOST_TILES)
    strips = spans(tiles, strip)
    groups = -(-JOBS // max(1, len(strips)))
    group = max(1, -(-channels_out // (wide * groups))) * wide
    columns = spans(channels_out, group)
    if columns[-1][1] - columns[-1][0] < lanes(dtype) and len(columns) > 1:  # too narrow for a vector
        columns[-2:] = [(columns[-2][0], channels_out)]
    return [(*strip, *part) for strip in strips for part in columns]


def forward(x, weights, finish, padding, dilation, out):
    """Fill out (N, H', W', C_out) from x (N, H, W, C_in) and the transformed weights.

    finish: scale (C_out,), bias (C_out,), and whether negative results become zero.
    """
    count, rows, columns = tiles_of(*out.shape[:3], dilation)
    channels_in, channels_out = x.shape[3], out.shape[3]
    jobs = _jobs(count, channels_in, channels_out, x.dtype)
    most = max((job[1] - job[0] for job in jobs), default=0)
    widest = padded(max((min(job[3], channels_out) - job[2] for job in jobs), default=0), x.dtype)
    flat, flat_out, spare = x.reshape(-1), out.reshape(-1), lanes(x.dtype)

    def job(j):
        values = scratch("values", (VALUES * most * (channels_in + spare),), x.dtype)
        sums = scratch("sums", (VALUES * (most * widest + spare),), x.dtype)
        patch = scratch("patch", (VALUES * max(channels_in, channels_out),), x.dtype)
        grid = (rows, columns, dilation)
        _strip(flat, x.shape, weights, finish, flat_out, out.shape, grid, padding, jobs[j], values, sums, patch)

    parallel(job, len(jobs))
