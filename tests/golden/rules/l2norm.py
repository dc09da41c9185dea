"""L2 normalization across the channels of each cell (paper, section 3.1; Caffe: normalize_layer.cpp)."""

import math

from tests.golden.rules.conv2d import zeros_like

EPSILON = 1e-10  # inside the root, so that a cell of zeros has a gradient


def l2norm(x, scale):
    """Return every cell's vector of channels, brought to length 1 and multiplied by the scales."""
    return [[[normalized(cell, scale) for cell in row] for row in image] for image in x]


def normalized(cell, scale):
    """Return one cell's channels."""
    return [value / length(cell) * s for value, s in zip(cell, scale)]


def length(cell):
    """Return the length of a vector of channels, never zero."""
    return math.sqrt(math.fsum(value * value for value in cell) + EPSILON)


def l2norm_backward(dout, x, scale):
    """Return the gradients by x and by the scales: out_i = s_i x_i / length, and length depends on all x_j."""
    dx, parts = zeros_like(x), [[] for _ in scale]
    for n, image in enumerate(x):
        for r, row in enumerate(image):
            for c, cell in enumerate(row):
                d, size = dout[n][r][c], length(cell)
                along = math.fsum(d[i] * scale[i] * cell[i] for i in range(len(cell)))
                for i, value in enumerate(cell):
                    dx[n][r][c][i] = d[i] * scale[i] / size - value * along / (size * size * size)
                    parts[i].append(d[i] * value / size)
    return dx, [math.fsum(part) for part in parts]
