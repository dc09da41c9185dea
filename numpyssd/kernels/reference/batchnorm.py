"""Batch normalization (Ioffe and Szegedy, 2015): not in the paper's SSD, but what lets it learn from nothing."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.kernels.reference.relu import relu_backward, relu_forward
from numpyssd.kernels.shapes import check_channels, check_not_empty, check_same_shape


def batchnorm_statistics(x):
    """Return the mean and the (biased) variance (C,) of each channel of x (N, H, W, C), summed in float64."""
    check_not_empty("x", x)
    mean = x.mean(axis=(0, 1, 2), dtype=np.float64)
    variance = np.square(x - mean).mean(axis=(0, 1, 2), dtype=np.float64)
    return mean.astype(x.dtype), variance.astype(x.dtype)


def batchnorm_forward(x, mean, variance, scale, shift, epsilon=1e-5, relu=False):
    """Bring each channel to mean 0 and variance 1, then multiply by scale and add shift: all four (C,).

    With relu, negative results become zero.
    """
    check_channels(x, mean=mean, variance=variance, scale=scale, shift=shift)
    out = (x - mean) / np.sqrt(variance + x.dtype.type(epsilon)) * scale + shift
    return relu_forward(out) if relu else out


def batchnorm_backward(dout, x, mean, variance, scale, epsilon=1e-5, batch_statistics=True, out=None):
    """Return dx (N, H, W, C), dscale (C,), dshift (C,) for dout (N, H, W, C) and the arguments of the forward pass.

    With batch_statistics the mean and variance came from x itself, and the gradient flows through them too;
    without, they are constants. out: the result of a forward pass with relu; dout only counts where it is positive.
    """
    check_same_shape("dout", dout, x.shape)
    check_channels(x, mean=mean, variance=variance, scale=scale)
    if out is not None:
        dout = relu_backward(dout, out)
    deviation = np.sqrt(variance + x.dtype.type(epsilon))  # (C,)
    normalized = (x - mean) / deviation
    dshift = dout.sum(axis=(0, 1, 2))
    dscale = (dout * normalized).sum(axis=(0, 1, 2))
    dnormalized = dout
    if batch_statistics:
        count = x.size // x.shape[3]
        dnormalized = dout - dshift / count - normalized * (dscale / count)
    return dnormalized * (scale / deviation), dscale, dshift


def batchnorm_fold(bias, mean, variance, scale, shift, epsilon=1e-5):
    """Return the factor and the offset (C,) that a bias, then the normalization by fixed statistics come down to.

    All are (C,): batchnorm_forward(sums + bias, ...) is sums * factor + offset, which a convolution can do itself.
    """
    factor = scale / np.sqrt(variance + variance.dtype.type(epsilon))
    return factor, bias * factor + (shift - mean * factor)


# ---------------------------------------------------------------------------------------------------------------------


def draw_batchnorm(axes, x, names):
    """Draw the histogram of each channel of x (N, H, W, C) before and after, on two axes; names: C words."""
    mean, variance = batchnorm_statistics(x)
    after = batchnorm_forward(x, mean, variance, np.ones_like(mean), np.zeros_like(mean))
    for ax, values, title in ((axes[0], x, "before"), (axes[1], after, "after: mean 0 and variance 1, each by itself")):
        for c, (name, role) in enumerate(zip(names, ("positive", "prediction", "negative"))):
            channel = values[..., c].ravel()
            label = f"{name}: {channel.mean():.1f} ± {channel.std():.1f}".replace("-0.0", "0.0")
            ax.hist(channel, bins=50, histtype="stepfilled", alpha=0.35, color=COLORS[role], label=label)
            ax.hist(channel, bins=50, histtype="step", color=COLORS[role])
            ax.axvline(channel.mean(), color=COLORS[role], linestyle="--", linewidth=1)
        ax.set_title(title, fontsize=11)
        ax.set_xlabel("value")
        ax.set_ylabel("pixels")
        ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("kernels.batchnorm")
