"""Tiles of 4x4 outputs, the 6x6 patches of input under them, and Winograd's V: the transformed patches of many tiles.

    for t, (image, y, x) in enumerate(tiles):                          # y, x: the first output row and column
        d = padded[image, y : y + 6, x : x + 6, channels]              # (6, 6, C)
        V[:, :, t] = B @ d @ B.T                                       # for each channel; V: (6, 6, tiles, C)

With a dilation, every dilation-th row and column makes an image of its own, dilation ** 2 of them, and each of these is
cut into tiles. Patches that reach over the edge of the image are copied, with zeros outside.
"""

from typing import NamedTuple

import numpy as np

from numpyssd.kernels.cpu.conv.layout import Matrix
from numpyssd.kernels.cpu.conv.winograd import PATCH, TILE
from numpyssd.kernels.cpu.conv.winograd_2d import transform_patch
from numpyssd.kernels.cpu.runtime.jit import inner, njit
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES


class Grid(NamedTuple):
    """How the outputs are cut into tiles."""

    rows: int  # tiles, for each image and each phase of the dilation
    columns: int
    dilation: int


class Part(NamedTuple):
    """Tiles first .. last - 1, and channels begin .. end - 1 of them."""

    first: int
    last: int
    begin: int
    end: int


@njit
def tiles_of(images, height, width, dilation):
    """Return how many tiles cover ``images`` outputs of height x width, and how many rows and columns of tiles."""
    rows = (height + TILE * dilation - 1) // (TILE * dilation)
    columns = (width + TILE * dilation - 1) // (TILE * dilation)
    return images * dilation * dilation * rows * columns, rows, columns


@inner
def place_of(tile, grid):
    """Return image, first row and first column of a tile's outputs."""
    rows, columns, dilation = grid
    image, rest = tile // (dilation * dilation * rows * columns), tile % (dilation * dilation * rows * columns)
    phase, rest = rest // (rows * columns), rest % (rows * columns)
    y = (rest // columns) * TILE * dilation + phase // dilation
    return image, y, (rest % columns) * TILE * dilation + phase % dilation


@inner
def copy_patch(x, shape, image, top, left, dilation, side, patch, wide):
    """Copy side x side pixels into ``patch``, ``wide`` numbers for each, with zeros outside of the image."""
    height, width, channels = shape[1], shape[2], shape[3]
    for i in range(side):
        y = top + i * dilation
        for j in range(side):
            column = left + j * dilation
            target = patch[(i * side + j) * wide : (i * side + j + 1) * wide]
            if 0 <= y < height and 0 <= column < width:
                at = ((image * height + y) * width + column) * channels
                source = x[at : at + channels]
                for c in range(channels):
                    target[c] = source[c]
                target[channels:] = 0
            else:
                target[:] = 0


@inner
def transform_input(x, shape, grid, padding, part, patch, values, layout):
    """Write V = B d B^T of a Part's patches: value v of tile t lies at layout.start + t layout.row + v layout.step."""
    height, width, channels = shape[1], shape[2], shape[3]
    dilation = grid.dilation
    lanes = REGISTER_BYTES // x.itemsize
    for tile in range(part.first, part.last):
        image, top, left = place_of(tile, grid)
        top, left = top - padding, left - padding
        reach = (PATCH - 1) * dilation
        inside = top >= 0 and left >= 0 and top + reach < height and left + reach < width
        if inside:
            source, at = x, ((image * height + top) * width + left) * channels
            down, right = width * channels * dilation, channels * dilation
        else:
            copy_patch(x, shape, image, top, left, dilation, np.int64(PATCH), patch, channels)
            source, at, down, right = patch, 0, PATCH * channels, channels
        target = layout.start + (tile - part.first) * layout.row - part.begin
        for start in range(part.begin, part.end, lanes):
            c = min(start, part.end - lanes)  # the last vector may overlap the one before
            to = Matrix(target + c, PATCH * layout.step, layout.step)
            transform_patch(source, Matrix(at + c, down, right), values, to)
