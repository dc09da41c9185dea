"""Batch normalization, ReLU and max pooling one after the other, which fast backends do in one pass."""

from numpyssd.kernels.reference.batchnorm import batchnorm_backward, batchnorm_forward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.reference.relu import relu_backward
from numpyssd.kernels.shapes import check_windows


def batchnorm_maxpool_forward(x, mean, variance, scale, shift, size, ceil_mode=False, epsilon=1e-5):
    """Normalize x (N, H, W, C), ReLU, and take the maximum of size x size windows that lie side by side.

    mean, variance, scale, shift: (C,) each, as in batchnorm_forward. Returns out (N, H', W', C), and what the backward
    pass of the same backend needs. With ceil_mode the last windows may hang over the edge. Raises ValueError for shapes
    that do not fit. It is what a block of the base network with pooling does (paper, section 3; Ioffe and Szegedy,
    2015).
    """
    normalized = batchnorm_forward(x, mean, variance, scale, shift, epsilon, relu=True)
    out, argmax = maxpool2d_forward(normalized, size, size, 0, ceil_mode)
    return out, (out, argmax)


def batchnorm_maxpool_backward(dout, kept, x, mean, variance, scale, size, epsilon=1e-5, batch_statistics=True):
    """Return dx (N, H, W, C), dscale (C,), dshift (C,) for dout (N, H', W', C).

    kept: from the forward pass over x. batch_statistics: see batchnorm_backward. Raises ValueError for shapes that do
    not fit.
    """
    out, argmax = kept
    check_windows(dout, out, x, size)
    dnormalized = maxpool2d_backward(relu_backward(dout, out), argmax, x.shape, size, size)
    return batchnorm_backward(dnormalized, x, mean, variance, scale, epsilon, batch_statistics)
