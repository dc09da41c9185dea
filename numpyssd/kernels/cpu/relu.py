"""ReLU, in pieces that are spread over the threads; the compiler vectorizes the loops over a piece."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_same_shape

PIECE = 1 << 16  # values that a thread takes at once


@njit
def _forward(tickets, pieces, x, out):
    zero = x.dtype.type(0)
    piece = take(tickets)
    while piece < len(pieces):
        part = slice(pieces[piece, 0], pieces[piece, 1])
        values, target = x[part], out[part]
        for i in range(len(target)):
            target[i] = zero if values[i] < zero else values[i]  # in this order NaN stays NaN
        piece = take(tickets)


@njit
def _backward(tickets, pieces, dout, out, dx):
    zero = dout.dtype.type(0)
    piece = take(tickets)
    while piece < len(pieces):
        part = slice(pieces[piece, 0], pieces[piece, 1])
        gradient, value, target = dout[part], out[part], dx[part]
        for i in range(len(target)):
            target[i] = gradient[i] if value[i] > zero else zero
        piece = take(tickets)


def relu_forward(x):
    """Return max(x, 0); see reference/relu.py."""
    flat = np.ascontiguousarray(x).reshape(-1)
    out = empty(flat.shape, x.dtype)
    pieces = spans(flat.size, PIECE)
    parallel(lambda tickets: _forward(tickets, pieces, flat, out), len(pieces))
    return out.reshape(x.shape)


def relu_backward(dout, out):
    """Return dout where out was positive, zero elsewhere; see reference/relu.py."""
    check_same_shape("dout", dout, out.shape)
    flat_dout, flat_out = np.ascontiguousarray(dout).reshape(-1), np.ascontiguousarray(out).reshape(-1)
    dx = empty(flat_dout.shape, dout.dtype)
    pieces = spans(flat_out.size, PIECE)
    parallel(lambda tickets: _backward(tickets, pieces, flat_dout, flat_out, dx), len(pieces))
    return dx.reshape(dout.shape)
