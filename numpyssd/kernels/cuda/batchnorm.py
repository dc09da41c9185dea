"""Batch normalization on the device: each number by itself, and sums over columns in between."""

import math

import numpy as np
from numba import cuda, float32, uint32

from numpyssd.kernels.cuda import arrays
from numpyssd.kernels.cuda.relu import relu_backward
from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.cuda.runtime.sums import column_sums
from numpyssd.kernels.shapes import check_channels, check_not_empty, check_same_shape


def batchnorm_deviations_kernel(x, mean, out):
    """One thread = one number of x (P, C): its squared distance from the channel's mean; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(x.size):
        row, c = uint32(index // uint32(x.shape[1])), uint32(index % uint32(x.shape[1]))
        far = x[row, c] - mean[c]
        out[row, c] = far * far


def batchnorm_forward_kernel(x, mean, variance, scale, shift, out, epsilon, relu):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(x.size):
        row, c = uint32(index // uint32(x.shape[1])), uint32(index % uint32(x.shape[1]))
        value = (x[row, c] - mean[c]) / math.sqrt(variance[c] + epsilon) * scale[c] + shift[c]
        if relu and value < float32(0.0):
            value = float32(0.0)
        out[row, c] = value


def batchnorm_products_kernel(dout, x, mean, variance, out, epsilon):
    """One thread = one number: dout times the normalized x, whose sums are dscale; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(x.size):
        row, c = uint32(index // uint32(x.shape[1])), uint32(index % uint32(x.shape[1]))
        out[row, c] = dout[row, c] * ((x[row, c] - mean[c]) / math.sqrt(variance[c] + epsilon))


def batchnorm_backward_kernel(dout, x, mean, variance, scale, dscale, dshift, dx, epsilon, fraction):
    """One thread = one number of dx; grid: all of them; nothing is shared.

    fraction: 1 / P where the statistics are those of the P pixels, else 0.
    """
    index = uint32(cuda.grid(1))
    if index < uint32(x.size):
        row, c = uint32(index // uint32(x.shape[1])), uint32(index % uint32(x.shape[1]))
        deviation = math.sqrt(variance[c] + epsilon)
        normalized = (x[row, c] - mean[c]) / deviation
        through = dout[row, c] - dshift[c] * fraction - normalized * (dscale[c] * fraction)
        dx[row, c] = through * (scale[c] / deviation)


def batchnorm_fold_kernel(bias, mean, variance, scale, shift, factor, offset, epsilon):
    """One thread = one channel: what the convolution before multiplies by and adds instead; nothing is shared."""
    c = uint32(cuda.grid(1))
    if c < uint32(factor.size):
        factor[c] = scale[c] / math.sqrt(variance[c] + epsilon)
        offset[c] = bias[c] * factor[c] + (shift[c] - mean[c] * factor[c])


def batchnorm_statistics(x):
    """Return the mean and the (biased) variance of each channel; see reference/batchnorm.py."""
    check_not_empty("x", x)
    x = to_device(x)
    pixels = x.reshape(x.size // x.shape[3], x.shape[3])
    mean = column_sums(pixels)
    arrays.scale(mean, 1 / len(pixels))
    deviations = empty(pixels.shape)
    launch(batchnorm_deviations_kernel, blocks_for(x.size, 256), 256, pixels, mean, deviations)
    variance = column_sums(deviations)
    arrays.scale(variance, 1 / len(pixels))
    return mean, variance


def batchnorm_forward(x, mean, variance, scale, shift, epsilon=1e-5, relu=False):
    """Normalize each channel, then scale and shift it; see reference/batchnorm.py."""
    check_channels(x, mean=mean, variance=variance, scale=scale, shift=shift)
    out = empty(x.shape)
    pixels = out.size // max(1, x.shape[3]), x.shape[3]
    channels = map(to_device, (mean, variance, scale, shift))
    launch(
        batchnorm_forward_kernel, blocks_for(out.size, 256), 256,
        to_device(x).reshape(*pixels), *channels, out.reshape(*pixels), np.float32(epsilon), np.uint32(relu),
    )  # fmt: skip
    return out


def batchnorm_backward(dout, x, mean, variance, scale, epsilon=1e-5, batch_statistics=True, out=None):
    """Return dx, dscale, dshift; see reference/batchnorm.py."""
    check_same_shape("dout", dout, x.shape)
    check_channels(x, mean=mean, variance=variance, scale=scale)
    dout = to_device(dout) if out is None else relu_backward(dout, out)
    mean, variance, scale = map(to_device, (mean, variance, scale))
    dx, products = empty(x.shape), empty(x.shape)
    pixels = dx.size // max(1, x.shape[3]), x.shape[3]
    dout, x = dout.reshape(*pixels), to_device(x).reshape(*pixels)
    blocks, eps = blocks_for(dx.size, 256), np.float32(epsilon)
    launch(batchnorm_products_kernel, blocks, 256, dout, x, mean, variance, products.reshape(*pixels), eps)
    dscale, dshift = column_sums(products), column_sums(dout)
    fraction = np.float32(1 / pixels[0] if batch_statistics and pixels[0] else 0)
    launch(
        batchnorm_backward_kernel, blocks, 256,
        dout, x, mean, variance, scale, dscale, dshift, dx.reshape(*pixels), eps, fraction,
    )  # fmt: skip
    return dx, dscale, dshift


def batchnorm_fold(bias, mean, variance, scale, shift, epsilon=1e-5):
    """Return the factor and the offset (C,) instead of bias and normalization; see reference/batchnorm.py."""
    inputs = [to_device(a) for a in (bias, mean, variance, scale, shift)]
    factor, offset = empty(scale.shape), empty(scale.shape)
    launch(batchnorm_fold_kernel, blocks_for(factor.size, 256), 256, *inputs, factor, offset, np.float32(epsilon))
    return factor, offset
