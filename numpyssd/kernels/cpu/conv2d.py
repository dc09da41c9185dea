"""Convolution: which algorithm is taken, and the gradients put together. conv/__init__.py explains the algorithms.

    3x3, stride 1, at least 16 channels in and out    Winograd F(4x4, 3x3): nearly all of the network
    everything else                                   im2col and GEMM

Both keep the weights in the form that they need until the weights change (conv/weight_cache.py), and apply scale, bias
and ReLU where the sums are written.
"""

import numpy as np

from numpyssd.kernels.cpu.conv import im2col_dweight, im2col_forward, winograd_dweight, winograd_forward
from numpyssd.kernels.cpu.conv.layout import packed
from numpyssd.kernels.cpu.conv.weight_cache import cached
from numpyssd.kernels.cpu.conv.winograd_weights import transform_weights
from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_conv2d, check_same_shape

PIXELS = 4096  # that a thread sums at once
MIN_CHANNELS = 16  # for Winograd: a vector of the widest processors, so that every processor takes the same algorithm


def uses_winograd(weight, stride):
    """Return whether Winograd's algorithm is taken: 3x3, stride 1, and at least MIN_CHANNELS in and out."""
    return weight.shape[:2] == (3, 3) and stride == 1 and min(weight.shape[2:]) >= MIN_CHANNELS


def conv2d_algorithm(weight, stride):
    """Return the name of the algorithm that convolves with these weights (kh, kw, C_in, C_out)."""
    return "Winograd" if uses_winograd(weight, stride) else "im2col"


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None):
    """Convolve x with weight and add bias; see reference/conv2d.py for the meaning of every argument."""
    out = empty(check_conv2d(x, weight, bias, stride, padding, dilation), x.dtype)
    channels, x = weight.shape[3], np.ascontiguousarray(x)
    bias = np.zeros(channels, x.dtype) if bias is None else np.ascontiguousarray(bias)
    finish = np.ones(channels, bias.dtype) if scale is None else np.ascontiguousarray(scale), bias, relu
    if uses_winograd(weight, stride):
        weights = cached(weight, "Winograd", transform_weights)
        winograd_forward.forward(x, weights, finish, padding, dilation, out)
    else:
        weights = cached(weight, "im2col", lambda w: packed(w.reshape(-1, w.shape[3])))
        im2col_forward.forward(x, weights, finish, weight.shape[:2], stride, padding, dilation, out)
    return out


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True, out=None):
    """Return dx, dweight, dbias; see reference/conv2d.py for the meaning of every argument."""
    check_same_shape("dout", dout, check_conv2d(x, weight, None, stride, padding, dilation))
    dout, x = np.ascontiguousarray(dout), np.ascontiguousarray(x)
    dout, dbias = _through_relu(dout, out)
    winograd = uses_winograd(weight, stride)
    if winograd:
        dweight = winograd_dweight.gradient_of_weight(dout, x, padding, dilation)
    else:
        dweight = im2col_dweight.gradient_of_weight(dout, x, weight.shape[:2], stride, padding, dilation)
    dx = None
    if need_dx:
        dx = empty(x.shape, x.dtype)
        if winograd and padding <= 2 * dilation:  # the gradient of the input is a convolution with the flipped kernel
            finish = np.ones(x.shape[3], x.dtype), np.zeros(x.shape[3], x.dtype), False
            weights = transform_weights(weight, flip=True)
            winograd_forward.forward(dout, weights, finish, 2 * dilation - padding, dilation, dx)
        else:
            weights = im2col_forward.packed_flipped(weight)
            im2col_forward.gradient_of_x(dout, weights, weight.shape[:2], stride, padding, dilation, dx)
    return dx, dweight, dbias


@njit
def _add_rows(tickets, pieces, dout, totals):
    piece = take(tickets)
    while piece < len(pieces):
        total = totals[piece]
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            row = dout[p]
            for c in range(len(total)):
                total[c] += row[c]
        piece = take(tickets)


@njit
def _add_positive_rows(tickets, pieces, dout, out, kept, totals):
    zero = dout.dtype.type(0)
    piece = take(tickets)
    while piece < len(pieces):
        total = totals[piece]
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            row, value, target = dout[p], out[p], kept[p]
            for c in range(len(total)):
                target[c] = row[c] if value[c] > zero else zero
                total[c] += target[c]
        piece = take(tickets)


def _through_relu(dout, out):
    """Return dout where out > 0 (everywhere, if out is None), and its sum over all pixels, in one pass."""
    flat = dout.reshape(-1, dout.shape[3])
    pieces = spans(len(flat), PIXELS)
    sums = np.zeros((len(pieces), flat.shape[1]), dout.dtype)
    if out is None:
        parallel(lambda tickets: _add_rows(tickets, pieces, flat, sums), len(pieces))
        return dout, sums.sum(axis=0)
    check_same_shape("out", out, dout.shape)
    kept, flat_out = empty(dout.shape, dout.dtype), np.ascontiguousarray(out).reshape(flat.shape)
    flat_kept = kept.reshape(flat.shape)
    parallel(lambda tickets: _add_positive_rows(tickets, pieces, flat, flat_out, flat_kept, sums), len(pieces))
    return kept, sums.sum(axis=0)
