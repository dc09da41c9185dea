"""ReLU by itself. A convolution and a batch normalization have one inside, which costs nothing; see Conv2d."""

from numpyssd import kernels
from numpyssd.layers.layer import Layer


class ReLU(Layer):
    """What is negative becomes zero."""

    def __init__(self, name):
        self.name = name

    def forward(self, x):
        """Return an array of x's shape."""
        self.out = self.infer(x)
        return self.out

    def backward(self, dout):
        """Return dx: dout where the output was positive."""
        out, self.out = self.out, None
        return kernels.active.relu_backward(dout, out)

    def infer(self, x):
        """Return an array of x's shape."""
        return kernels.active.relu_forward(x)
