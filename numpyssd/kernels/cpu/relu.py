"""ReLU, in pieces that are spread over the threads; the compiler vectorizes the loops over a piece."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.shapes import check_same_shape

PIECE = 1 << 16  # values that a thread takes at once


@njit
def _forward(x, out):
    zero = x.dtype.type(0)
    for i in range(len(x)):
        out[i] = zero if x[i] < zero else x[i]  # in this order NaN stays NaN


@njit
def _backward(dout, out, dx):
    zero = dout.dtype.type(0)
    for i in range(len(dout)):
        dx[i] = dout[i] if out[i] > zero else zero


def relu_forward(x):
    """Return max(x, 0); see reference/relu.py."""
    flat = np.ascontiguousarray(x).reshape(-1)
    out = empty(flat.shape, x.dtype)
    pieces = [slice(*span) for span in spans(flat.size, PIECE)]
    parallel(lambda p: _forward(flat[pieces[p]], out[pieces[p]]), len(pieces))
    return out.reshape(x.shape)


def relu_backward(dout, out):
    """Return dout where out was positive, zero elsewhere; see reference/relu.py."""
    check_same_shape("dout", dout, out.shape)
    flat_dout, flat_out = np.ascontiguousarray(dout).reshape(-1), np.ascontiguousarray(out).reshape(-1)
    dx = empty(flat_dout.shape, dout.dtype)
    pieces = [slice(*span) for span in spans(flat_out.size, PIECE)]
    parallel(lambda p: _backward(flat_dout[pieces[p]], flat_out[pieces[p]], dx[pieces[p]]), len(pieces))
    return dx.reshape(dout.shape)
