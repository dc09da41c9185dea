"""Batch normalization, ReLU and max pooling on the device, one after the other."""

from numpyssd.kernels.cuda.batchnorm import batchnorm_backward, batchnorm_forward
from numpyssd.kernels.cuda.maxpool2d import maxpool2d_backward, maxpool2d_forward
from numpyssd.kernels.cuda.relu import relu_backward
from numpyssd.kernels.shapes import check_windows


def batchnorm_maxpool_forward(x, mean, variance, scale, shift, size, ceil_mode=False, epsilon=1e-5):
    """Normalize, ReLU, and take the maximum of windows side by side; see reference/batchnorm_maxpool.py."""
    normalized = batchnorm_forward(x, mean, variance, scale, shift, epsilon, relu=True)
    out, argmax = maxpool2d_forward(normalized, size, size, 0, ceil_mode)
    return out, (out, argmax)


def batchnorm_maxpool_backward(dout, kept, x, mean, variance, scale, size, epsilon=1e-5, batch_statistics=True):
    """Return dx, dscale, dshift; see reference/batchnorm_maxpool.py for the meaning of every argument."""
    out, argmax = kept
    check_windows(dout, out, x, size)
    dnormalized = maxpool2d_backward(relu_backward(dout, out), argmax, x.shape, size, size)
    return batchnorm_backward(dnormalized, x, mean, variance, scale, epsilon, batch_statistics)
