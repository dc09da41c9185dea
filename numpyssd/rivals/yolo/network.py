"""The network of YOLO (section 2.1, Figure 3): convolutions, then two connected layers that see the whole image.

A connected layer is a convolution as large as the map: fc1 has a kernel of 7x7 on the 7x7 map, and no padding. So each
number of the output may depend on every pixel. With ``head="convolutional"`` a 1x1 convolution takes their place, and
each cell speaks for itself: section 4 of the SSD paper names this as the difference between YOLO and SSD.

``python -m numpyssd.rivals.yolo.network [--preset yolo448] [--out FILE]`` prints the model summary and draws it.
"""

import numpy as np

from numpyssd import kernels
from numpyssd.layers import BatchNorm, Conv2d, ConvBlock, Layer, MaxPool2d, ReLU, Sequential
from numpyssd.layers.network import LayeredNetwork
from numpyssd.rivals.connected import Connected
from numpyssd.rivals.dropout import Dropout
from numpyssd.rivals.leaky_relu import LeakyReLU
from numpyssd.rivals.trunk import trunk
from numpyssd.rivals.yolo.config import YOLOConfig, check
from numpyssd.rivals.yolo.geometry import layers as geometry


class YOLO(LayeredNetwork):
    """The network: ``trunk``, which may be SSD's base network, and ``head``.

    A new one is drawn from ``seed``: weights as Caffe's "xavier", biases zero but for config.first_box. Raises
    ValueError if the layers do not make a map of the grid's size.
    """

    def __init__(self, config: YOLOConfig, seed=0):
        check(config)
        strides = {layer.name: layer.stride for layer in geometry(config)}  # raises
        rng = np.random.default_rng(seed)
        if config.convolutions:
            self.trunk, channels = Sequential(_figure_3(config, rng)), config.channels(config.convolutions[-1].channels)
        else:
            self.trunk, channels = trunk(config, rng, "conv7")
        head: list[Layer] = []
        for number, full in enumerate(config.head_channels):
            name, out = f"conv{8 + number}", config.channels(full)
            head.append(ConvBlock(name, rng, channels, out, stride=strides[name], batch_norm=config.batch_norm))
            channels = out
        if config.head == "connected":
            hidden = config.channels(config.connected_channels)
            # No batch normalization: in a batch of eight each channel has eight values, which are no statistics.
            head += [Connected("fc1", rng, channels, hidden, config.grid), _activation("fc1", config)]
            self.dropout = Dropout("dropout", config.dropout)
            last = Connected("fc2", rng, hidden, config.grid**2 * config.values_per_cell, 1)
            head += [self.dropout, last]
        else:
            self.dropout, last = None, Conv2d("cells", rng, channels, config.values_per_cell, 1)
            head.append(last)
        _start(last, config)
        self.head, self.kept = Sequential(head), False
        super().__init__(config, [self.trunk, self.head])

    def forward(self, x):
        """Return (N, grid, grid, 5 B + C) for x (N, S, S, 3); what its numbers mean: decoding.py."""
        self.kept = True
        return self._run(x, "forward")

    def infer(self, x):
        """Return the same for detection: faster, because nothing is remembered for a backward pass."""
        self.kept = False
        return self._run(x, "infer")

    def _run(self, x, method):
        size, grid = self.config.image_size, self.config.grid
        if x.ndim != 4 or x.shape[1:] != (size, size, 3):
            raise ValueError(f"x must be (N, {size}, {size}, 3), not {x.shape}")
        x = kernels.active.to_device(x)
        for part in self.parts:
            x = getattr(part, method)(x)  # (N, 1, 1, grid² (5 B + C)) or (N, grid, grid, 5 B + C)
        return x.reshape(len(x), grid, grid, self.config.values_per_cell)

    def backward(self, dout):
        """Set ``.grad`` of every parameter from dout (N, grid, grid, 5 B + C).

        Raises ValueError unless ``forward`` went before, once for each backward pass.
        """
        if not self.kept:
            raise ValueError("backward needs a call of forward before it, one for each backward pass")
        if self.config.head == "connected":
            dout = dout.reshape(len(dout), 1, 1, -1)
        self.trunk.backward(self.head.backward(np.ascontiguousarray(dout)))
        self.kept = False


def _figure_3(config, rng):
    """Return the layers of the convolutions of Figure 3, each with its leaky ReLU, and their max pooling."""
    found, channels = [], 3
    for number, row in enumerate(config.convolutions, start=1):
        name, out = f"conv{number}", config.channels(row.channels)
        found.append(Conv2d(name, rng, channels, out, row.kernel, row.stride, row.kernel // 2))
        if config.batch_norm:  # not in the paper
            found.append(BatchNorm(f"{name}_bn", out))
        found.append(_activation(name, config))
        if row.pool:
            found.append(MaxPool2d(f"pool{number}", 2, 2))
        channels = out
    found[0].need_dx = False  # the gradient of the image is not needed
    return found


def _activation(name, config):
    return LeakyReLU(f"{name}_leaky", config.leaky_slope) if config.leaky_slope else ReLU(f"{name}_relu")


def _start(last, config):
    """Scale the first weights of the last layer, and have every box start as config.first_box."""
    last.weight.value = last.weight.value * np.float32(config.predictor_init_scale)
    cells = last.bias.value.reshape(-1, config.values_per_cell).copy()  # (grid² or 1, 5 B + C)
    for b in range(config.boxes_per_cell):
        cells[:, 5 * b : 5 * b + 4] = config.first_box
    last.bias.value = cells.ravel()


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("rivals.network")
