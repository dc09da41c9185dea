"""Max pooling with its gradient (Caffe: pooling_layer.cpp, which rounds the output's size up)."""

from tests.golden.rules.conv2d import indices, zeros


def windows(size, window, stride, padding, ceil_mode):
    """Return the number of windows along one side; rounded up, none begins beyond the image and its padding."""
    span = size + 2 * padding - window
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    return count - 1 if ceil_mode and (count - 1) * stride >= size + padding else count


def max_pooling(x, size, stride, padding, ceil_mode):
    """Return the maxima, and the kernel position i * size + j of each: the first of equals, never the padding."""
    rows, columns = (windows(s, size, stride, padding, ceil_mode) for s in (len(x[0]), len(x[0][0])))
    out, winner = (zeros(len(x), rows, columns, len(x[0][0][0])) for _ in range(2))
    for n, r, c, k in indices(out):
        best = None
        for position in range(size * size):
            y, z = r * stride + position // size - padding, c * stride + position % size - padding
            if 0 <= y < len(x[0]) and 0 <= z < len(x[0][0]) and (best is None or x[n][y][z][k] > best):
                best, winner[n][r][c][k] = x[n][y][z][k], position
        out[n][r][c][k] = best
    return out, winner


def max_pooling_backward(dout, winner, shape, size, stride, padding):
    """Return the gradient by x: each entry of dout goes to the pixel that won."""
    dx = zeros(*shape)
    for n, r, c, k in indices(dout):
        position = winner[n][r][c][k]
        dx[n][r * stride + position // size - padding][c * stride + position % size - padding][k] += dout[n][r][c][k]
    return dx
