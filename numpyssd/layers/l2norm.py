"""L2 normalization over channels (paper, section 3.1)."""

import numpy as np

from numpyssd import kernels
from numpyssd.layers.layer import Layer, Parameter


class L2Norm(Layer):
    """L2 normalization over channels, times a learned scale for each channel, which starts at 20 as in the paper."""

    def __init__(self, name, channels, initial_scale=20.0):
        self.name = name
        self.scale = Parameter(np.full(channels, initial_scale, np.float32))

    def forward(self, x):
        """Return an array of x's shape."""
        self.x = x
        return self.infer(x)

    def backward(self, dout):
        """Return dx, and set the gradient of scale."""
        dx, self.scale.grad = kernels.active.l2norm_backward(dout, self.x, self.scale.active_value)
        self.x = None
        return dx

    def infer(self, x):
        """Return an array of x's shape."""
        return kernels.active.l2norm_forward(x, self.scale.active_value)

    def parameters(self):
        """Return ``name.scale``."""
        return {f"{self.name}.scale": self.scale}
