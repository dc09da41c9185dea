"""Compile every kernel beforehand, so that nothing that is timed or watched waits for the compiler."""

import warnings

import numpy as np

from numpyssd.kernels.cpu import arrays, batchnorm, batchnorm_maxpool, conv2d, l2norm, maxpool2d, relu
from numpyssd.kernels.cpu.runtime.jit import NOT_KEPT

NOT_ON_DISK = "the compiled kernels cannot be kept on disk, so each start compiles them again"


def warm_up():
    """Compile every kernel for float32, or load it from Numba's cache: seconds the first time, then much less."""
    wide = conv2d.MIN_CHANNELS
    x = np.ones((1, 2, 2, wide), np.float32)
    one = np.ones(wide, np.float32)
    for kernel in (3, 1):  # Winograd, and im2col
        weight = np.ones((kernel, kernel, wide, wide), np.float32)
        out = conv2d.conv2d_forward(x, weight, one, padding=kernel // 2, relu=True)
        conv2d.conv2d_backward(out, x, weight, padding=kernel // 2, out=out)
        conv2d.conv2d_backward(out, x, weight, padding=kernel // 2)
    pooled, argmax = maxpool2d.maxpool2d_forward(x, 2, 2)
    maxpool2d.maxpool2d_backward(pooled, argmax, x.shape, 2, 2)
    relu.relu_backward(x, relu.relu_forward(x))
    l2norm.l2norm_backward(x, l2norm.l2norm_forward(x, one), one)
    mean, variance = batchnorm.batchnorm_statistics(x)
    out = batchnorm.batchnorm_forward(x, mean, variance, one, one, relu=True)
    batchnorm.batchnorm_backward(x, x, mean, variance, one, out=out)
    out, kept = batchnorm_maxpool.batchnorm_maxpool_forward(x, mean, variance, one, one, 2)
    batchnorm_maxpool.batchnorm_maxpool_backward(out, kept, x, mean, variance, one, 2)
    arrays.add(x, x)
    arrays.sgd_step(one, one.copy(), one.copy(), 0.1, 0.9, 0.0)
    if NOT_KEPT:
        warnings.warn(f"{NOT_ON_DISK}; {next(iter(NOT_KEPT.values()))}", stacklevel=2)
