"""Stage 4: each layer by itself, forwards."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from numpyssd.kernels.reference.batchnorm import batchnorm_forward, batchnorm_statistics
from numpyssd.kernels.reference.conv2d import conv2d_forward
from numpyssd.kernels.reference.l2norm import l2norm_forward
from numpyssd.kernels.reference.maxpool2d import maxpool2d_forward

MAP = ("image", "row", "column", "channel")


def arrays():
    """Return x (2, 6, 8, 3), scale and shift (3,), float64, and the same in each run; some numbers of x are equal."""
    rng = np.random.default_rng(2)
    x = rng.normal(1, 2, (2, 6, 8, 3)).round(1)
    x[:, 2:4, 2:4] = 0.5
    return x, rng.uniform(0.5, 2, 3), rng.normal(size=3)


def kernels():
    """Return weight and padding of the three kinds of convolution in the network."""
    rng = np.random.default_rng(5)
    return [(rng.normal(size=(size, size, 3, 4)), padding) for size, padding in ((3, 1), (1, 0), (3, 0))]


@cache
def forward_cases():
    """Return the cases of the layers, forwards."""
    x, scale, shift = arrays()
    convolutions = [_convolve(x, *kernel) for kernel in kernels()]
    return [*convolutions, _max_pool(x), _batch_norm(x, scale, shift), _normalize(x, scale)]


def _convolve(x, weight, padding):
    def other(weight=weight, padding=padding):
        return conv2d_forward(x, weight, np.zeros(4), padding=padding)

    causes = (
        Cause("the kernel is flipped. A network's convolution does not flip it (lesson 03).",
              lambda: other(weight[::-1, ::-1])),
        Cause("rows and columns of the kernel are exchanged.", lambda: other(weight.swapaxes(0, 1))),
        Cause("nothing is padded, so that the map shrinks.", lambda: other(padding=0)),
        Cause("only the last kernel position counts: add up, with += and not =.", lambda: other(_only_last(weight))),
        Cause("the padding is at one side only. It belongs at both.", lambda: _shifted(x, weight, padding)),
        Cause("the padding repeats the edge. It should be zeros.", lambda: _edge(x, weight, padding)),
    )  # fmt: skip
    call = f"convolve(x, weight, {padding}), weight {weight.shape}"
    return Case(call, calling("convolve", x, weight, padding), other(), MAP, causes)


def _only_last(weight):
    only = np.zeros_like(weight)
    only[-1, -1] = weight[-1, -1]
    return only


def _shifted(x, weight, padding):
    around = (0, 0), (2 * padding, 0), (2 * padding, 0), (0, 0)
    return conv2d_forward(np.pad(x, around), weight, np.zeros(4))


def _edge(x, weight, padding):
    around = (0, 0), (padding, padding), (padding, padding), (0, 0)
    return conv2d_forward(np.pad(x, around, mode="edge"), weight, np.zeros(4))


def _max_pool(x):
    right, windows = maxpool2d_forward(x, 2, 2, 0)[0], x.reshape(2, 3, 2, 4, 2, 3)
    causes = (
        Cause("this is the mean of each window.", lambda: windows.mean(axis=(2, 4))),
        Cause("this is the smallest of each window.", lambda: windows.min(axis=(2, 4))),
        Cause(
            "this is the largest of two rows. A window has two columns, too.", lambda: windows.max(axis=2)[:, :, :, 0]
        ),
    )
    return Case("max_pool(x)", calling("max_pool", x), right, MAP, causes)


def _batch_norm(x, scale, shift):
    mean, variance = batchnorm_statistics(x)
    arguments = x, mean, variance, scale, shift
    causes = (
        Cause("divide by the standard deviation, the root of the variance.",
              lambda: (x - mean) / (variance + 1e-5) * scale + shift),
        Cause("the learned scale and shift are missing.",
              lambda: batchnorm_forward(x, mean, variance, np.ones(3), np.zeros(3))),
        Cause("the learned shift is missing.", lambda: batchnorm_forward(x, mean, variance, scale, np.zeros(3))),
        Cause("multiply by scale first, then add shift.",
              lambda: (batchnorm_forward(x, mean, variance, np.ones(3), shift)) * scale),
    )  # fmt: skip
    call = "batch_norm(x, mean, variance, scale, shift)"
    return Case(call, calling("batch_norm", *arguments), batchnorm_forward(*arguments), MAP, causes)


def _normalize(x, scale):
    def by(axes):
        return x / np.sqrt((x * x).sum(axis=axes, keepdims=True)) * scale

    causes = (
        Cause("this is the length of the whole image. Each pixel has its own: axis 3, keepdims.",
              lambda: by((1, 2, 3))),
        Cause("this is the length of a channel. Each pixel has its own: axis 3, keepdims.", lambda: by((1, 2))),
        Cause("this is the sum of the absolute values. The length is the root of the sum of squares.",
              lambda: x / np.abs(x).sum(axis=3, keepdims=True) * scale),
        Cause("this is the largest of the channels. The length is the root of the sum of squares.",
              lambda: x / np.abs(x).max(axis=3, keepdims=True) * scale),
        Cause("the learned scale is missing.", lambda: l2norm_forward(x, np.ones(3))),
        Cause("the root is missing: the length is the root of the sum of squares.",
              lambda: x / (x * x).sum(axis=3, keepdims=True) * scale),
    )  # fmt: skip
    return Case("normalize(x, scale)", calling("normalize", x, scale), l2norm_forward(x, scale), MAP, causes)


STAGES = (
    Stage("layers forwards", ("output_size",), ("convolve", "max_pool", "batch_norm", "normalize"), forward_cases),
)
