"""Layers one after the other, and the block that networks are made of: convolution, batch normalization, ReLU."""

from numpyssd.layers.batchnorm import BatchNorm
from numpyssd.layers.conv2d import Conv2d
from numpyssd.layers.layer import Layer


class Sequential(Layer):
    """Layers one after the other; backward is the same list reversed."""

    def __init__(self, parts):
        self.parts = list(parts)

    def forward(self, x):
        """Return the output of the last part."""
        for part in self.parts:
            x = part.forward(x)
        return x

    def backward(self, dout):
        """Return the gradient of the input of the first part."""
        for part in reversed(self.parts):
            dout = part.backward(dout)
        return dout

    def infer(self, x):
        """Return the output of the last part; nothing is remembered."""
        for part in self.parts:
            x = part.infer(x)
        return x

    def parameters(self):
        """Return the parameters of all parts."""
        return {name: parameter for part in self.parts for name, parameter in part.parameters().items()}

    def layers(self):
        """Return the layers of all parts in order; a part that is a Sequential itself is replaced by its layers."""
        return [layer for part in self.parts for layer in part.layers()]

    def steps(self):
        """Return the layers of all parts that follow one another."""
        return [step for part in self.parts for step in part.steps()]

    @property
    def training(self):
        """Whether any of its layers is in training; setting it sets all of them."""
        return any(layer.training for layer in self.layers())

    @training.setter
    def training(self, value):
        for layer in self.layers():
            layer.training = value


class ConvBlock(Sequential):
    """A convolution, batch normalization if ``batch_norm``, the ReLU, and max pooling if ``pool``: a network's step.

    ``conv`` and ``norm`` (None without batch normalization) are its first layers, named ``name`` and ``name_bn``.
    ``pool`` is a MaxPool2d or None. Where ``together`` is true, normalization and pooling are one pass over memory; set
    it to False to have each layer called by itself.
    """

    def __init__(
        self, name, rng, channels_in, channels_out, kernel=3, stride=1, padding=1, dilation=1,
        batch_norm=False, pool=None,
    ):  # fmt: skip
        geometry = kernel, stride, padding, dilation
        self.name, self.pool = name, pool
        self.conv = Conv2d(name, rng, channels_in, channels_out, *geometry, relu=not batch_norm)
        self.norm = BatchNorm(f"{name}_bn", channels_out, relu=True) if batch_norm else None
        side_by_side = pool is not None and pool.size == pool.stride and pool.padding == 0
        self.together = batch_norm and side_by_side
        super().__init__(layer for layer in (self.conv, self.norm, pool) if layer)

    def forward(self, x):
        """Return the output (N, H', W', channels_out), after the pooling if there is one."""
        if self.together:
            return self.norm.forward_pooled(self.conv.forward(x), self.pool)
        return super().forward(x)

    def backward(self, dout):
        """Return dx, and set the gradients of all its layers."""
        if self.together:
            return self.conv.backward(self.norm.backward_pooled(dout))
        return super().backward(dout)

    def infer(self, x):
        """Return the output, with the normalization folded into the convolution.

        Normalizing by running averages is a factor and an offset for each channel, so it costs nothing here.
        """
        if self.norm is None:
            return super().infer(x)
        scale, bias = self.norm.fold(self.conv.bias.active_value)
        x = self.conv.compute(x, bias, self.norm.relu, scale)  # (N, H', W', channels_out)
        return self.pool.infer(x) if self.pool else x
