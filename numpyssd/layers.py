"""Layers: each remembers what its backward pass needs, and computes with ``kernels.active``.

A layer has ``forward(x)``, ``backward(dout)`` (once per forward; it returns dx and fills the gradients), ``infer(x)``,
a forward pass that remembers nothing and takes the running averages of batch normalization, and ``parameters()``, a
dictionary from name to Parameter. All arrays are (N, H, W, C).
"""

import numpy as np

from numpyssd import kernels
from numpyssd.kernels.mirrored import HeldArrays


class Parameter:
    """An array that training changes, ``value``, with its gradient, ``grad``, of the same shape: NumPy arrays both.

    Kernels take ``active_value`` and ``active_grad``, which are the same where the backend computes on the processor.
    """

    def __init__(self, value):
        self.held = HeldArrays(value=value, grad=np.zeros_like(value))

    value = property(lambda self: self.held["value"], lambda self, array: self.held.update(value=array))
    grad = property(lambda self: self.held["grad"], lambda self, array: self.held.update(grad=array))
    active_value = property(lambda self: self.held.active("value"))
    active_grad = property(lambda self: self.held.active("grad"))


def xavier(rng, shape, dtype=np.float32):
    """Draw weights (kh, kw, C_in, C_out) as Caffe's "xavier" filler does: uniform in ±sqrt(3 / fan_in) (filler.hpp)."""
    fan_in = shape[0] * shape[1] * shape[2]
    limit = np.sqrt(3.0 / fan_in)
    return rng.uniform(-limit, limit, shape).astype(dtype)


class Conv2d:
    """A convolution with bias, and the rectifier after it if ``relu``.

    The first layer of a network sets ``need_dx`` to False: nobody asks for its dx.
    """

    def __init__(self, name, rng, channels_in, channels_out, kernel, stride=1, padding=0, dilation=1, relu=False):
        self.name, self.kernel, self.stride, self.padding, self.dilation = name, kernel, stride, padding, dilation
        self.weight = Parameter(xavier(rng, (kernel, kernel, channels_in, channels_out)))
        self.bias = Parameter(np.zeros(channels_out, np.float32))
        self.need_dx, self.relu, self.norm = True, relu, None

    def forward(self, x):
        """Return (N, H', W', channels_out)."""
        self.x = x
        geometry = self.stride, self.padding, self.dilation
        out = kernels.active.conv2d_forward(x, self.weight.active_value, self.bias.active_value, *geometry, self.relu)
        self.out = out if self.relu else None
        return out

    def backward(self, dout):
        """Return dx (None unless need_dx), and set the gradients of weight and bias."""
        geometry = self.stride, self.padding, self.dilation
        dx, self.weight.grad, self.bias.grad = kernels.active.conv2d_backward(
            dout, self.x, self.weight.active_value, *geometry, self.need_dx, self.out
        )
        self.x = self.out = None  # the largest arrays of a training step; let go of them at once
        return dx

    def infer(self, x):
        """Return the output, through the batch normalization ``norm`` too if there is one: two numbers a channel."""
        geometry, bias, relu, scale = (
            (self.stride, self.padding, self.dilation),
            self.bias.active_value,
            self.relu,
            None,
        )
        if self.norm is not None:
            scale, bias = self.norm.fold(bias)
            relu = self.norm.relu
        return kernels.active.conv2d_forward(x, self.weight.active_value, bias, *geometry, relu, scale)

    def parameters(self):
        """Return ``name.weight`` and ``name.bias``."""
        return {f"{self.name}.weight": self.weight, f"{self.name}.bias": self.bias}


class BatchNorm:
    """Batch normalization: by the batch's own statistics in training, by their running averages afterwards.

    With ``relu``, the rectifier after it too. It follows a convolution, whose ``norm`` it is.
    """

    momentum = 0.9  # of the running averages

    def __init__(self, name, channels, relu=False):
        self.name, self.training, self.relu = name, False, relu
        self.scale = Parameter(np.ones(channels, np.float32))
        self.shift = Parameter(np.zeros(channels, np.float32))
        self.running = HeldArrays(mean=np.zeros(channels, np.float32), variance=np.ones(channels, np.float32))

    def forward(self, x):
        """Return an array of x's shape."""
        self.x = x
        if self.training:
            self.statistics = kernels.active.batchnorm_statistics(x)
            for name, new in zip(("mean", "variance"), self.statistics):
                self.running[name] = kernels.active.average(self.running.active(name), new, self.momentum)
        else:
            self.statistics = self.running.active("mean"), self.running.active("variance")
        learned = self.scale.active_value, self.shift.active_value
        out = kernels.active.batchnorm_forward(x, *self.statistics, *learned, relu=self.relu)
        self.out = out if self.relu else None
        return out

    def backward(self, dout):
        """Return dx, and set the gradients of scale and shift."""
        dx, self.scale.grad, self.shift.grad = kernels.active.batchnorm_backward(
            dout, self.x, *self.statistics, self.scale.active_value, batch_statistics=self.training, out=self.out
        )
        self.x = self.out = None
        return dx

    def fold(self, bias):
        """Return the factor and the offset (C,) that this layer and the bias (C,) before it come down to."""
        statistics = self.running.active("mean"), self.running.active("variance")
        return kernels.active.batchnorm_fold(bias, *statistics, self.scale.active_value, self.shift.active_value)

    def infer(self, x):
        """Return x: the convolution before has done it."""
        return x

    def parameters(self):
        """Return ``name.scale`` and ``name.shift``."""
        return {f"{self.name}.scale": self.scale, f"{self.name}.shift": self.shift}


class MaxPool2d:
    """Max pooling; ``ceil_mode`` rounds the output size up, as Caffe does."""

    def __init__(self, name, size, stride, padding=0, ceil_mode=False):
        self.name, self.size, self.stride, self.padding, self.ceil_mode = name, size, stride, padding, ceil_mode

    def forward(self, x):
        """Return (N, H', W', C)."""
        self.x_shape = x.shape
        out, self.argmax = kernels.active.maxpool2d_forward(x, self.size, self.stride, self.padding, self.ceil_mode)
        return out

    def backward(self, dout):
        """Return dx: the gradient of each window at its winner."""
        geometry = self.size, self.stride, self.padding
        return kernels.active.maxpool2d_backward(dout, self.argmax, self.x_shape, *geometry)

    def infer(self, x):
        """Return (N, H', W', C)."""
        return kernels.active.maxpool2d_forward(x, self.size, self.stride, self.padding, self.ceil_mode)[0]

    def parameters(self):
        """Return nothing: there is nothing to learn."""
        return {}


class L2Norm:
    """L2 normalization over channels; the scale starts at 20, as in the paper (section 3.1)."""

    def __init__(self, name, channels, initial_scale=20.0):
        self.name = name
        self.scale = Parameter(np.full(channels, initial_scale, np.float32))

    def forward(self, x):
        """Return an array of x's shape."""
        self.x = x
        return kernels.active.l2norm_forward(x, self.scale.active_value)

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


class Sequential:
    """Layers one after the other; backward is the same list reversed."""

    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, x):
        """Return the output of the last layer."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def infer(self, x):
        """Return the output of the last layer; nothing is remembered."""
        for layer in self.layers:
            x = layer.infer(x)
        return x

    def backward(self, dout):
        """Return the gradient of the input of the first layer."""
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout

    def parameters(self):
        """Return the parameters of all layers."""
        return {name: parameter for layer in self.layers for name, parameter in layer.parameters().items()}
