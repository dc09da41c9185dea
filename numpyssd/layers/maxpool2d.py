"""Max pooling."""

from numpyssd import kernels
from numpyssd.layers.layer import Layer


class MaxPool2d(Layer):
    """Max pooling; ``ceil_mode`` rounds the output size up, as Caffe does."""

    def __init__(self, name, size, stride, padding=0, ceil_mode=False):
        self.name, self.size, self.stride, self.padding, self.ceil_mode = name, size, stride, padding, ceil_mode

    def forward(self, x):
        """Return (N, H', W', C)."""
        self.x_shape = x.shape
        out, self.argmax = kernels.active.maxpool2d_forward(x, self.size, self.stride, self.padding, self.ceil_mode)
        return out

    def backward(self, dout):
        """Return dx: the gradient of each window at its maximum."""
        argmax, self.argmax = self.argmax, None
        return kernels.active.maxpool2d_backward(dout, argmax, self.x_shape, self.size, self.stride, self.padding)

    def infer(self, x):
        """Return (N, H', W', C)."""
        return kernels.active.maxpool2d_forward(x, self.size, self.stride, self.padding, self.ceil_mode)[0]
