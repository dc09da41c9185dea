"""L2 normalization over channels, one pixel after the other; the sums of each pixel stay in registers."""

import numpy as np

from numpyssd.kernels.cpu.runtime.buffers import empty
from numpyssd.kernels.cpu.runtime.jit import njit
from numpyssd.kernels.cpu.runtime.threads import parallel, spans
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.shapes import check_same_shape

PIXELS = 256  # that a thread takes at once


@njit
def _forward(tickets, pieces, x, scale, epsilon, out):
    piece = take(tickets)
    while piece < len(pieces):
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            total = epsilon
            for c in range(x.shape[1]):
                total += x[p, c] * x[p, c]
            norm = np.sqrt(total)
            for c in range(x.shape[1]):
                out[p, c] = x[p, c] / norm * scale[c]
        piece = take(tickets)


@njit
def _backward(tickets, pieces, dout, x, scale, epsilon, dx, dscale):
    piece = take(tickets)
    while piece < len(pieces):
        sums = dscale[piece]
        for p in range(pieces[piece, 0], pieces[piece, 1]):
            total = epsilon
            along = 0.0
            for c in range(x.shape[1]):
                total += x[p, c] * x[p, c]
                along += dout[p, c] * scale[c] * x[p, c]
            norm = np.sqrt(total)
            for c in range(x.shape[1]):
                sums[c] += dout[p, c] * x[p, c] / norm
                dx[p, c] = (dout[p, c] * scale[c] - x[p, c] * (along / total)) / norm
        piece = take(tickets)


def l2norm_forward(x, scale, epsilon=1e-10):
    """Divide every pixel by the L2 norm of its channels, then multiply by scale; see reference/l2norm.py."""
    check_same_shape("scale", scale, x.shape[3:])
    flat = np.ascontiguousarray(x).reshape(-1, x.shape[3])  # (N H W, C)
    out = empty(flat.shape, x.dtype)
    pieces = spans(len(flat), PIXELS)
    parallel(lambda tickets: _forward(tickets, pieces, flat, scale, float(epsilon), out), len(pieces))
    return out.reshape(x.shape)


def l2norm_backward(dout, x, scale, epsilon=1e-10):
    """Return dx and dscale; see reference/l2norm.py. The sums of dscale are kept in float64, a row for each piece."""
    check_same_shape("dout", dout, x.shape)
    check_same_shape("scale", scale, x.shape[3:])
    channels = x.shape[3]
    flat, flat_dout = np.ascontiguousarray(x).reshape(-1, channels), np.ascontiguousarray(dout).reshape(-1, channels)
    dx = empty(flat.shape, x.dtype)
    pieces = spans(len(flat), PIXELS)
    dscale = np.zeros((len(pieces), channels))
    arrays = flat_dout, flat, scale, float(epsilon), dx, dscale
    parallel(lambda tickets: _backward(tickets, pieces, *arrays), len(pieces))
    return dx.reshape(x.shape), dscale.sum(axis=0).astype(x.dtype)
