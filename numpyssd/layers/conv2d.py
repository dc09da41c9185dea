"""Convolution, and the first values of its weights."""

import numpy as np

from numpyssd import kernels
from numpyssd.layers.layer import Layer, Parameter


def xavier(rng, shape, dtype=np.float32):
    """Draw weights (kh, kw, C_in, C_out) as Caffe's "xavier" filler does: uniform in ±sqrt(3 / fan_in) (filler.hpp)."""
    fan_in = shape[0] * shape[1] * shape[2]
    limit = np.sqrt(3.0 / fan_in)
    return rng.uniform(-limit, limit, shape).astype(dtype)


class Conv2d(Layer):
    """A convolution, with a bias unless ``bias`` is False, and the ReLU after it if ``relu``.

    The first layer of a network sets ``need_dx`` to False: the gradient of the image is not needed.
    """

    def __init__(
        self, name, rng, channels_in, channels_out, kernel, stride=1, padding=0, dilation=1, relu=False, bias=True
    ):
        self.name, self.kernel, self.stride, self.padding, self.dilation = name, kernel, stride, padding, dilation
        self.weight = Parameter(xavier(rng, (kernel, kernel, channels_in, channels_out)))
        self.bias = Parameter(np.zeros(channels_out, np.float32)) if bias else None
        self.need_dx, self.relu = True, relu

    def forward(self, x):
        """Return (N, H', W', channels_out)."""
        self.x = x
        out = self.infer(x)
        self.out = out if self.relu else None
        return out

    def backward(self, dout):
        """Return dx (None unless need_dx), and set the gradients of weight and of a bias."""
        geometry = self.stride, self.padding, self.dilation
        dx, self.weight.grad, dbias = kernels.active.conv2d_backward(
            dout, self.x, self.weight.active_value, *geometry, self.need_dx, self.out
        )
        if self.bias:
            self.bias.grad = dbias
        self.x = self.out = None  # the largest arrays of a training step: free them at once
        return dx

    def infer(self, x):
        """Return (N, H', W', channels_out)."""
        return self.compute(x, self.bias.active_value if self.bias else None, self.relu)

    def compute(self, x, bias, relu, scale=None):
        """Return the convolution with another bias (channels_out,), or None, and another ``scale`` for each channel."""
        geometry = self.stride, self.padding, self.dilation
        return kernels.active.conv2d_forward(x, self.weight.active_value, bias, *geometry, relu, scale)

    def parameters(self):
        """Return ``name.weight`` and, with a bias, ``name.bias``."""
        found = {f"{self.name}.weight": self.weight}
        return {**found, f"{self.name}.bias": self.bias} if self.bias else found
