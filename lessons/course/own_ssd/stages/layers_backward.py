"""Stage 5: each layer by itself, backwards."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages.layers import MAP, arrays, kernels
from numpyssd.kernels.reference.batchnorm import batchnorm_backward, batchnorm_statistics
from numpyssd.kernels.reference.conv2d import conv2d_backward, conv2d_forward
from numpyssd.kernels.reference.l2norm import l2norm_backward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_backward, maxpool2d_forward

KERNEL = ("kernel row", "kernel column", "channel in", "channel out")


@cache
def backward_cases():
    """Return the cases of the layers, backwards."""
    x, scale, _ = arrays()
    dout = np.random.default_rng(6).normal(size=x.shape)
    convolutions = [case for kernel in kernels() for case in _convolve_backward(x, *kernel)]
    others = (
        _pool_backward(x, dout[:, :3, :4]),
        _batch_norm_backward(dout, x, scale),
        _normalize_backward(dout, x, scale),
    )
    return [*convolutions, *others]


def _convolve_backward(x, weight, padding):
    kernel = len(weight)
    out = conv2d_forward(x, weight, np.zeros(4), padding=padding)
    dout = np.random.default_rng(7).normal(size=out.shape)
    dx, dweight, _ = conv2d_backward(dout, x, weight, 1, padding, 1)
    causes = (
        Cause("this is the mean over the windows. Gradients add up.", lambda: dweight / dout[..., 0].size),
        Cause("this is the mean over the images. The loss is divided already.", lambda: dweight / len(x)),
        Cause("the kernel positions are in reverse order.", lambda: dweight[::-1, ::-1]),
    )
    call = f"weight_gradient(dout, x, {kernel}, {padding})"
    first = Case(call, calling("weight_gradient", dout, x, kernel, padding), dweight, KERNEL, causes)
    causes = (
        Cause("the kernel is flipped: dout goes back to the pixels that it came from.",
              lambda: conv2d_backward(dout, x, weight[::-1, ::-1], 1, padding, 1)[0]),
        Cause("the rim that the padding added is still there: cut it off.",
              lambda: conv2d_backward(dout, _padded(x, padding), weight, 1, 0, 1)[0]),
        Cause("the windows overlap, and their gradients add up: += and not =.",
              lambda: _overwritten(dout, x, weight, padding)),
    )  # fmt: skip
    call = f"input_gradient(dout, weight, {padding}), weight {weight.shape}"
    return first, Case(call, calling("input_gradient", dout, weight, padding), dx, MAP, causes)


def _padded(x, padding):
    return np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))


def _overwritten(dout, x, weight, padding):
    dx, (height, width) = np.zeros(_padded(x, padding).shape), dout.shape[1:3]
    for i, j in np.ndindex(weight.shape[:2]):
        dx[:, i : i + height, j : j + width] = dout @ weight[i, j].T
    return dx[:, padding : dx.shape[1] - padding, padding : dx.shape[2] - padding]


def _pool_backward(x, dout):
    out, argmax = maxpool2d_forward(x, 2, 2, 0)
    right = maxpool2d_backward(dout, argmax, x.shape, 2, 2, 0)
    wins = x == _spread(out)
    count = wins.reshape(2, 3, 2, 4, 2, 3).sum(axis=(2, 4))
    causes = (
        Cause("of equal numbers only the first gets the gradient. Yours gives it to all.",
              lambda: wins * _spread(dout)),
        Cause("of equal numbers only the first gets the gradient. Yours shares it.",
              lambda: wins * _spread(dout / count)),
        Cause("of equal numbers the last gets the gradient here. It should be the first.",
              lambda: _pool_last(x, dout)),
        Cause("each pixel gets a fourth. Only the largest gets the gradient.", lambda: _spread(dout / 4)),
        Cause("each pixel gets the gradient. Only the largest should.", lambda: _spread(dout)),
    )  # fmt: skip
    return Case("pool_gradient(x, dout)", calling("pool_gradient", x, dout), right, MAP, causes)


def _pool_last(x, dout):
    turned = np.ascontiguousarray(x[:, ::-1, ::-1])
    argmax = maxpool2d_forward(turned, 2, 2, 0)[1]
    return maxpool2d_backward(dout[:, ::-1, ::-1], argmax, x.shape, 2, 2, 0)[:, ::-1, ::-1]


def _spread(pooled):
    """Return each pixel four times, in a square of 2 x 2."""
    return np.repeat(np.repeat(pooled, 2, axis=1), 2, axis=2)


def _batch_norm_backward(dout, x, scale):
    mean, variance = batchnorm_statistics(x)
    arguments = dout, x, mean, variance, scale
    right = batchnorm_backward(*arguments)
    dscale, deviation = (dout * x).sum(axis=(0, 1, 2)), np.sqrt(variance + 1e-5)
    count = x.size // x.shape[3]
    dx = right[0] + (x - mean) * scale / deviation**2 * (right[1] - dscale) / count
    causes = (
        Cause("mean and variance are taken for constants. They come from x too, and the gradient goes through them.",
              lambda: batchnorm_backward(*arguments, batch_statistics=False)),
        Cause("the gradient of scale is the sum of dout times the *normalized* x.", lambda: (dx, dscale, right[2])),
        Cause("dx lacks the factor scale.", lambda: (right[0] / scale, *right[1:])),
        Cause("dx lacks the division by the deviation.", lambda: (right[0] * deviation, *right[1:])),
        Cause("the mean is taken for a constant: subtract dshift / count.",
              lambda: (right[0] + right[2] / count * scale / deviation, *right[1:])),
        Cause("the variance is taken for a constant: subtract the part along the normalized x.",
              lambda: (right[0] + (x - mean) / deviation**2 * right[1] / count * scale, *right[1:])),
    )  # fmt: skip
    call = "batch_norm_gradient(dout, x, mean, variance, scale)"
    return Case(call, calling("batch_norm_gradient", *arguments), right, (), causes)


def _normalize_backward(dout, x, scale):
    right = l2norm_backward(dout, x, scale)
    length = np.sqrt((x * x).sum(axis=3, keepdims=True) + 1e-10)
    says = "the length is taken for a constant. It depends on x: the part of the gradient along x changes nothing."
    causes = (
        Cause(says, lambda: (dout * scale / length, right[1])),
        Cause("dx lacks the factor scale.", lambda: (l2norm_backward(dout, x, np.ones(3))[0], right[1])),
    )
    return Case("normalize_gradient(dout, x, scale)", calling("normalize_gradient", dout, x, scale), right, (), causes)


FUNCTIONS = "weight_gradient", "input_gradient", "pool_gradient", "batch_norm_gradient", "normalize_gradient"
STAGES = (Stage("layers backwards", ("bias_gradient",), FUNCTIONS, backward_cases),)
