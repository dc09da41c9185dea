"""Convolution with its gradients, one product at a time. x[n][row][column][channel], weight[i][j][in][out]."""


def conv2d(x, weight, bias, stride, padding, dilation):
    """Return the output, out[n][row][column][channel]; padding is zeros, and the kernel is not flipped."""
    out = zeros(len(x), *output_size(x, weight, stride, padding, dilation), len(bias))
    for n, r, c, o in indices(out):
        out[n][r][c][o] = bias[o]
    for n, r, c, o, y, z, i, j, k in products(x, weight, out, stride, padding, dilation):
        out[n][r][c][o] += x[n][y][z][k] * weight[i][j][k][o]
    return out


def conv2d_backward(dout, x, weight, stride, padding, dilation):
    """Return the gradients by x, weight and bias: each product sends dout to one of its factors, times the other."""
    dx, dweight, dbias = zeros_like(x), zeros_like(weight), [0.0] * len(weight[0][0][0])
    for n, r, c, o in indices(dout):
        dbias[o] += dout[n][r][c][o]
    for n, r, c, o, y, z, i, j, k in products(x, weight, dout, stride, padding, dilation):
        dx[n][y][z][k] += dout[n][r][c][o] * weight[i][j][k][o]
        dweight[i][j][k][o] += dout[n][r][c][o] * x[n][y][z][k]
    return dx, dweight, dbias


def products(x, weight, out, stride, padding, dilation):
    """Yield the indices of every product whose pixel lies inside the image."""
    for n, r, c, o in indices(out):
        for i, j, k, last in indices(weight):
            y, z = r * stride + i * dilation - padding, c * stride + j * dilation - padding
            if last == o and 0 <= y < len(x[0]) and 0 <= z < len(x[0][0]):
                yield n, r, c, o, y, z, i, j, k


def output_size(x, weight, stride, padding, dilation):
    """Return rows and columns of the output."""
    spans = [(len(x[0]), len(weight)), (len(x[0][0]), len(weight[0]))]
    return [(size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for size, kernel in spans]


def zeros(*shape):
    """Return nested lists of zeros."""
    return [zeros(*shape[1:]) for _ in range(shape[0])] if shape else 0.0


def zeros_like(array):
    """Return zeros in the shape of nested lists."""
    return [zeros_like(part) for part in array] if isinstance(array, list) else 0.0


def indices(array):
    """Yield all indices of nested lists, four deep."""
    for a, first in enumerate(array):
        for b, second in enumerate(first):
            for c, third in enumerate(second):
                for d in range(len(third)):
                    yield a, b, c, d
