"""A 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3), one strip of tiles after the other.

    V = transform_input(x)                                 # (36, tiles, C_in): winograd_tiles.py
    M = [V[v] @ U[v] for v in range(36)]                   # (36, tiles, C_out); U: winograd_weights.py
    out = A.T @ M.reshape(6, 6, tiles, C_out) @ A          # for each tile and channel (4, 4), then scale, bias, ReLU

What changes: a quarter of the multiply-adds of im2col, for some additions in the transforms. V and M of a strip stay in
the core's cache. Where there are few tiles and many channels, a job takes only some columns of U, so that all threads
have work.
"""

import functools

import numpy as np

from numpyssd.kernels.cpu.conv.gemm import Size, gemm
from numpyssd.kernels.cpu.conv.layout import Matrix, padded_columns
from numpyssd.kernels.cpu.conv.winograd import PATCH, TILE, VALUES
from numpyssd.kernels.cpu.conv.winograd_2d import transform_sums
from numpyssd.kernels.cpu.conv.winograd_tiles import Grid, Part, place_of, tiles_of, transform_input
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.threads import parallel, scratch, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, lanes, load

STRIP_FLOATS = 3 << 16  # of V and M together: 768 KiB in float32, within the cache of one core (L2)
MIN_TILES, MAX_TILES = 48, 96  # of a strip: so many that the weights are read often enough from where they lie
JOBS = 8  # at least, where the work can be cut; 16 cost SSD300 6 % for one image, and help uneven cores alone


@inner
def _transform_output(sums, layout, finish, out, shape, grid, part, patch):
    """Write out = A^T M A, finished, of a Part; M has the layout that V has in ``transform_input``."""
    height, width, channels = shape[1], shape[2], shape[3]
    dilation = grid.dilation
    scale, bias, relu = finish
    lanes_ = REGISTER_BYTES // out.itemsize
    for tile in range(part.first, part.last):
        image, top, left = place_of(tile, grid)
        reach = (TILE - 1) * dilation
        inside = top + reach < height and left + reach < width
        if inside:
            target, at = out, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            target, at, down, right = patch, 0, TILE * channels, channels
        source = layout.start + (tile - part.first) * layout.row - part.begin
        for start in range(part.begin, part.end, lanes_):
            c = min(start, part.end - lanes_)  # the last vector may overlap the one before
            values = Matrix(source + c, PATCH * layout.step, layout.step)
            pixels = Matrix(at + c, down, right)
            transform_sums(sums, values, target, pixels, load(scale, c), load(bias, c), relu)
        if not inside:
            _copy_inside(patch, out, shape, image, top, left, dilation, part)


@inner
def _copy_inside(patch, out, shape, image, top, left, dilation, part):
    """Copy the outputs of a tile that reaches over the edge, as far as they are inside."""
    height, width, channels = shape[1], shape[2], shape[3]
    for i in range(TILE):
        y = top + i * dilation
        for j in range(TILE):
            column = left + j * dilation
            if y < height and column < width:
                at = ((image * height + y) * width + column) * channels
                source, target = patch[(i * TILE + j) * channels :], out[at : at + channels]
                for c in range(part.begin, part.end):
                    target[c] = source[c]


@njit
def _parts(tickets, parts, x, x_shape, weights, finish, out, out_shape, grid, padding, values, sums, patch):
    """Compute parts of the output; parts (jobs, 4): the fields of a Part."""
    job = take(tickets)
    while job < len(parts):
        part = Part(parts[job, 0], parts[job, 1], parts[job, 2], parts[job, 3])
        _strip(x, x_shape, weights, finish, out, out_shape, grid, padding, part, values, sums, patch)
        job = take(tickets)


@inner
def _strip(x, x_shape, weights, finish, out, out_shape, grid, padding, part, values, sums, patch):
    """Compute one Part of the output: its tiles, and its columns of U."""
    channels_in, tiles = x_shape[3], part.last - part.first
    lanes_ = REGISTER_BYTES // x.itemsize
    whole = (out_shape[3] + lanes_ - 1) // lanes_ * lanes_  # columns of the weights, filled up
    columns = min(part.end, whole) - part.begin
    columns = (columns + lanes_ - 1) // lanes_ * lanes_
    row_in = channels_in + lanes_  # a little more than a power of two, so that rows do not evict each other
    slice_in, slice_out = tiles * row_in + lanes_, tiles * columns + lanes_
    no, one = np.int64(0), np.int64(1)
    all_channels = Part(part.first, part.last, no, channels_in)
    transform_input(x, x_shape, grid, padding, all_channels, patch, values, Matrix(no, row_in, slice_in))
    size = Size(tiles, columns, channels_in)
    apart = whole * channels_in + lanes_  # from one of the 36 matrices of weights to the next
    for v in range(VALUES):
        panel = v * apart + part.begin * channels_in
        left, result = Matrix(v * slice_in, row_in, one), Matrix(v * slice_out, columns, 2 * lanes_)
        gemm(values, left, weights, panel, panel + apart, sums, result, size, no)
    inside = Part(part.first, part.last, part.begin, min(part.end, out_shape[3]))
    _transform_output(sums, Matrix(no, columns, slice_out), finish, out, out_shape, grid, inside, patch)


@functools.lru_cache(maxsize=256)
def _cut(tiles, channels_in, channels_out, dtype):
    """Cut the work into Parts: an array (jobs, 4) of their fields."""
    wide = 2 * lanes(dtype)
    strip = STRIP_FLOATS // (VALUES * (channels_in + channels_out))
    strip = min(max(strip // 8 * 8, MIN_TILES), MAX_TILES)
    unit = min(8, strip)  # rows of a block of the product
    count = max(1, round(tiles / strip))  # of strips about as long as each other, so that no short one is left over
    strips = spans(tiles, -(-tiles // (count * unit)) * unit)
    groups = -(-JOBS // max(1, len(strips)))
    group = max(1, -(-channels_out // (wide * groups))) * wide
    columns = spans(channels_out, group).tolist()
    if columns[-1][1] - columns[-1][0] < lanes(dtype) and len(columns) > 1:  # too narrow for a vector
        columns[-2:] = [(columns[-2][0], channels_out)]
    parts = np.array([(*strip, *group) for strip in strips for group in columns], np.int64).reshape(-1, 4)
    parts.flags.writeable = False  # whoever asks gets the same array
    return parts


def forward(x, weights, finish, padding, dilation, out):
    """Fill out (N, H', W', C_out) from x (N, H, W, C_in) and the transformed weights.

    finish: scale (C_out,), bias (C_out,), and whether negative results become zero.
    """
    count, *grid = tiles_of(*out.shape[:3], dilation)
    grid = Grid(*grid, dilation)
    channels_in, channels_out = x.shape[3], out.shape[3]
    parts = _cut(count, channels_in, channels_out, x.dtype)
    first, last, begin, end = parts.T
    most = (last - first).max(initial=0)
    widest = padded_columns((np.minimum(end, channels_out) - begin).max(initial=0), x.dtype)
    flat, flat_out, spare = x.reshape(-1), out.reshape(-1), lanes(x.dtype)

    def work(tickets):
        values = scratch("values", (VALUES * (most * (channels_in + spare) + spare),), x.dtype)
        sums = scratch("sums", (VALUES * (most * widest + spare),), x.dtype)
        patch = scratch("patch", (VALUES * max(channels_in, channels_out),), x.dtype)
        arrays = flat, x.shape, weights, finish, flat_out, out.shape
        _parts(tickets, parts, *arrays, grid, padding, values, sums, patch)

    parallel(work, len(parts))
