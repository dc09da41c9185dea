"""A factor and an offset for each channel: Caffe's Scale, which stands behind its BatchNorm."""

import numpy as np

from numpyssd import kernels
from numpyssd.layers.layer import Layer, Parameter


class Scale(Layer):
    """x times a learned factor plus a learned offset, one of each for every channel: 1 and 0 at first."""

    def __init__(self, name, channels):
        self.name = name
        self.scale = Parameter(np.ones(channels, np.float32))
        self.shift = Parameter(np.zeros(channels, np.float32))

    def forward(self, x):
        """Return an array of x's shape."""
        self.x = x
        return self.infer(x)

    def backward(self, dout):
        """Return dx, and set the gradients of scale and shift."""
        dx, self.scale.grad, self.shift.grad = kernels.active.batchnorm_backward(
            dout, self.x, *self._statistics(), self.scale.active_value, epsilon=0, batch_statistics=False
        )
        self.x = None
        return dx

    def infer(self, x):
        """Return an array of x's shape."""
        learned = self.scale.active_value, self.shift.active_value
        return kernels.active.batchnorm_forward(x, *self._statistics(), *learned, epsilon=0)

    def parameters(self):
        """Return ``name.scale`` and ``name.shift``."""
        return {f"{self.name}.scale": self.scale, f"{self.name}.shift": self.shift}

    def _statistics(self):
        """Return mean 0 and variance 1: what a batch normalization that changes nothing by itself would have."""
        like = self.scale.value
        return np.zeros_like(like), np.ones_like(like)
