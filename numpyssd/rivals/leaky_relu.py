"""The leaky ReLU of YOLO (section 2.1, equation 2): what is negative is not cut off, but multiplied by a tenth."""

import numpy as np

from numpyssd.layers import Layer


class LeakyReLU(Layer):
    """x where it is positive, slope * x elsewhere. Plain NumPy: the miniatures have ReLU, which has kernels."""

    def __init__(self, name, slope=0.1):
        self.name, self.slope = name, slope

    def forward(self, x):
        """Return an array of x's shape."""
        self.positive = x > 0
        return self.infer(x)

    def backward(self, dout):
        """Return dx: dout, times the slope where x was not positive."""
        positive, self.positive = self.positive, None
        return np.where(positive, dout, dout * dout.dtype.type(self.slope))

    def infer(self, x):
        """Return an array of x's shape."""
        return np.maximum(x, x * x.dtype.type(self.slope))
