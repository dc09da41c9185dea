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
    """A convolution, batch normalization if ``batch_norm``, and the ReLU: one step of the network.

    ``conv`` and ``norm`` (None without batch normalization) are its two layers, named ``name`` and ``name_bn``.
    """

    def __init__(
        self, name, rng, channels_in, channels_out, kernel=3, stride=1, padding=1, dilation=1, batch_norm=False
    ):
        geometry = kernel, stride, padding, dilation
        self.name = name
        self.conv = Conv2d(name, rng, channels_in, channels_out, *geometry, relu=not batch_norm)
        self.norm = BatchNorm(f"{name}_bn", channels_out, relu=True) if batch_norm else None
        super().__init__([self.conv, self.norm] if batch_norm else [self.conv])

    def infer(self, x):
        """Return the output (N, H', W', channels_out) of the convolution with the normalization folded into it.

        Normalizing by running averages is a factor and an offset for each channel, so it costs nothing here.
        """
        if self.norm is None:
            return self.conv.infer(x)
        scale, bias = self.norm.fold(self.conv.bias.active_value)
        return self.conv.compute(x, bias, self.norm.relu, scale)
